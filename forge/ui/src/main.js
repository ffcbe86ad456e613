// One bundle for every module of the manifest: the module's key says which page to show.

import '../../../web/assets/tokens.css';
import '../../../web/assets/base.css';
import '../../../web/assets/panel.css';
import '../../../web/assets/admin.css';
import '../../../web/assets/project.css';

import { byId } from '../../../web/assets/dom.js';
import { message, words } from '../../../web/assets/errors.js';
import { showPage } from '../../../web/assets/pages.js';
import * as bridge from './bridge.js';
import { forgeHost } from './host.js';
import { pageOf } from './modules.js';

try {
  const { name, layout, place } = pageOf(await bridge.getContext());
  document.body.className = layout;
  showPage(name, forgeHost(bridge), place);
} catch (error) {
  byId('view').replaceChildren(message('error', words(error)));
}
