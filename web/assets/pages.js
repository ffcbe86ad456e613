// The pages by name, the same in every host.
//
// A host is what surrounds a page: it sends calls and watches jobs as the person in front of it (`send`, `watch`: see
// `api.js` and `follow.js`), says how often a list may be read anew (`listEveryMs`), and gives the frame its look and
// size (`followTheme`, `followSize`, `flag`).

import { admin } from './admin.js';
import { apiOver } from './api.js';
import { byId } from './dom.js';
import { panel } from './panel.js';
import { project, projectSettings } from './project.js';

const PAGES = { panel, admin, project, 'project-settings': projectSettings };

/** Shows a page. `place` says where it stands: `issueId` and `issueKey`, or `projectKey`. */
export function showPage(name, host, place) {
  host.followTheme();
  host.followSize(byId('view'));
  PAGES[name]({ api: apiOver(host), host, place });
}
