// The manifest as YAML: to be copied, and to be read back.

import { post } from './api.js';
import { byId } from './elements.js';
import { change, state } from './state.js';

const box = byId('yaml');
const said = byId('manifest-said');

// What somebody typed is not overwritten until it was read.
let isTyped = false;

export function showManifest(yaml) {
  const { gpu, pools, manifest } = state();
  const name = manifest.kind === 'ModelServer' ? 'inference' : 'estimate';
  byId('command').textContent = `gpumem ${pools || gpu === null ? 'plan' : name} -f FILE${pools || gpu === null ? '' : ` --gpu "${gpu}"`}`;
  if (yaml !== null && !isTyped) box.value = yaml;
}

async function copy() {
  try {
    await navigator.clipboard.writeText(box.value);
    said.textContent = 'Copied.';
  } catch {
    // Browsers give the clipboard to pages of this machine and of TLS only.
    box.focus();
    box.select();
    said.textContent = 'This browser does not let the page copy: the text is selected, press Ctrl+C.';
  }
}

async function read() {
  try {
    const answer = await post('manifest', { manifest: box.value });
    if (answer.manifest === null) {
      said.textContent = answer.problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
      return;
    }
    isTyped = false;
    said.textContent = 'Read.';
    change({ manifest: answer.manifest }, { isStep: true });
  } catch (failed) {
    said.textContent = failed.message;
  }
}

export function startManifestBox() {
  box.addEventListener('input', () => { isTyped = true; said.textContent = 'Changed; read it back to see what it needs.'; });
  byId('copy').addEventListener('click', copy);
  byId('read').addEventListener('click', read);
}
