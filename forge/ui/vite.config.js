import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const file = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The icon that the manifest names lies with the icon's other users. */
const icon = {
  name: 'icon',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'icon.svg', source: readFileSync(file('../../web/assets/icon.svg')) });
  },
};

// The outcome is kept in the repository and built into the program: names without hashes, and text that can be reviewed.
export default defineConfig({
  root: file('.'),
  base: './',
  publicDir: false,
  plugins: [icon],
  build: {
    outDir: file('../static'),
    emptyOutDir: true,
    target: 'es2022',
    minify: false,
    cssMinify: false,
    cssCodeSplit: false,
    modulePreload: false,
    rollupOptions: {
      output: { entryFileNames: 'brine.js', assetFileNames: 'brine[extname]', inlineDynamicImports: true },
    },
  },
});
