// A config.json that is dropped, chosen or pasted becomes spec.model.config.

import { byId } from './elements.js';
import { useModel } from './modelSearch.js';
import { count } from './words.js';

const drop = byId('drop');

function use(text, name, say) {
  let config;
  try {
    config = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (malformed) {
    say(`${name} is not JSON: ${malformed.message}`);
    return;
  }
  if (config === null || typeof config !== 'object' || Array.isArray(config)) say(`${name} is no config.json: it must be one object in braces`);
  else {
    say('');
    useModel({ config });
  }
}

export function startConfigDrop(say, largestConfigBytes) {
  const isSmallEnough = (bytes, name) => {
    if (bytes <= largestConfigBytes) return true;
    say(`${name} has ${count(bytes)} bytes; a config.json has at most ${count(largestConfigBytes)}. Is it the right file?`);
    return false;
  };
  const read = async file => {
    // Asked before it is read, so that the wrong file is refused whatever its size.
    if (file && isSmallEnough(file.size, file.name)) use(await file.text(), file.name, say);
  };
  byId('config-file').addEventListener('change', event => {
    read(event.target.files[0]);
    event.target.value = '';
  });
  byId('config-use').addEventListener('click', () => {
    const text = byId('config-text').value;
    if (isSmallEnough(new Blob([text]).size, 'The text')) use(text, 'The text', say);
  });
  // Beside the field, too: a file that is let go anywhere would otherwise take the page's place.
  for (const name of ['dragover', 'drop']) document.addEventListener(name, event => event.preventDefault());
  document.addEventListener('dragover', () => drop.classList.add('over'));
  document.addEventListener('dragleave', () => drop.classList.remove('over'));
  document.addEventListener('drop', event => {
    drop.classList.remove('over');
    read(event.dataTransfer?.files[0]);
  });
}
