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

export function offerPools() {
  if (![...choice.options].some(option => option.value === pools)) choice.options[0].after(element('option', { value: pools }, 'the pools of the cluster'));
  showGpu();
}

export function showGpu() {
  const { gpu, pools: isPools } = state();
  choice.value = isPools ? pools : gpu ?? '';
}
