// What the question is held against: a GPU of the catalogue, the smallest that fits, or the pools of the cluster.

import { byId, element } from './elements.js';
import { change, state } from './state.js';
import { size } from './words.js';

const choice = byId('gpu');
const pools = 'pools of the cluster';

export function startGpuChoice(gpus) {
  choice.replaceChildren(
    element('option', { value: '' }, 'the smallest GPUs that fit'),
    ...gpus.map(gpu => element('option', { value: gpu.name }, `${gpu.name}, ${size(gpu.usableBytes)}`)));
  choice.addEventListener('change', () => change(
    choice.value === pools ? { pools: true } : { gpu: choice.value === '' ? null : choice.value, pools: false },
    { isStep: true }));
}

const offers = value => [...choice.options].some(option => option.value === value);

export function offerPools() {
  if (!offers(pools)) choice.options[0].after(element('option', { value: pools }, 'the pools of the cluster'));
  showGpu();
}

// An address may name a GPU otherwise than the catalogue does, or pools that are not there: the server says what it makes of that.
export function showGpu() {
  const { gpu, pools: isPools } = state();
  const held = isPools ? pools : gpu ?? '';
  if (!offers(held)) choice.append(element('option', { value: held }, held));
  choice.value = held;
}
