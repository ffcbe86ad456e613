// The modules of the manifest, and the page of each.

const MODULES = {
  'brine-panel': { name: 'panel', layout: 'panel' },
  'brine-context': { name: 'panel', layout: 'panel' },
  'brine-action': { name: 'panel', layout: 'panel', start: 'yes' },
  'brine-project': { name: 'project', layout: 'wide' },
  'brine-project-settings': { name: 'project-settings', layout: 'wide' },
  'brine-admin': { name: 'admin', layout: 'wide' },
};

/** The page's name, its layout, and its place, from what Forge tells of the page. */
export function pageOf({ moduleKey, extension = {} }) {
  const module = MODULES[moduleKey];
  if (!module) throw new Error(`Brine has no page for the module ${moduleKey}.`);
  const { issue, project } = extension;
  const place = { issueId: issue?.id, issueKey: issue?.key, projectKey: project?.key, start: module.start };
  return { name: module.name, layout: module.layout, place };
}
