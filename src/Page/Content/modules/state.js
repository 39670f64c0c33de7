// What is asked: a manifest, and what it is held against. The address holds it, so that a link shows the same to somebody else.

import { decode, encode } from './fragment.js';
import { mergePatch, valueAt } from './mergePatch.js';
import { start } from './starts.js';

const kinds = ['TrainingJob', 'ModelServer'];
const listeners = [];
const setAside = {}; // the manifest of the other kind, for the way back
let current = start('TrainingJob');
let version = 0;

export const state = () => current;

export const onChange = listener => listeners.push(listener);

const isState = read => kinds.includes(read?.manifest?.kind) && typeof read.manifest.spec === 'object' && read.manifest.spec !== null
  && (read.gpu === undefined || read.gpu === null || typeof read.gpu === 'string');

// A step is one that Back undoes.
export function change(next, { isStep = false } = {}) {
  current = { ...current, ...next };
  for (const listener of listeners) listener(current);
  write(isStep);
}

export const patchManifest = (patch, options) => change({ manifest: mergePatch(current.manifest, patch) }, options);

export function useKind(kind) {
  if (current.manifest.kind === kind) return;
  setAside[current.manifest.kind] = current.manifest;
  const manifest = setAside[kind] ?? start(kind).manifest;
  const model = valueAt(current.manifest, 'spec.model');
  change({ manifest: model === undefined ? manifest : { ...manifest, spec: { ...manifest.spec, model } } }, { isStep: true });
}

async function write(isStep) {
  const mine = ++version;
  const address = `#${await encode(current)}`;
  if (mine !== version) return;
  if (isStep) history.pushState(null, '', address);
  else history.replaceState(null, '', address);
}

// Reads the address; says whether it could be read. An empty one is the start.
export async function readAddress() {
  const text = location.hash.slice(1);
  let read = null;
  try {
    read = text === '' ? null : await decode(text);
  } catch {
    // said below, as every other thing that is no state
  }
  version++;
  current = isState(read) ? { manifest: read.manifest, gpu: read.gpu ?? null, pools: read.pools === true } : start('TrainingJob');
  for (const listener of listeners) listener(current);
  return text === '' || isState(read);
}
