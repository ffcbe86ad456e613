// What the pages load that Brine serves itself: the name of the page and its place are in the body's attributes.

import { connectHost } from './connect.js';
import { showPage } from './pages.js';

const { page, base, ...place } = document.body.dataset;

showPage(page, connectHost(globalThis.AP, base ?? ''), place);
