// The search of the catalogue: a combobox with a list, by keyboard or by mouse.

import { get, latest } from './api.js';
import { byId, element } from './elements.js';
import { valueAt } from './mergePatch.js';
import { change, state } from './state.js';
import { count, parameters } from './words.js';

const box = byId('model');
const list = byId('models');
const search = latest((signal, text) => get(`models?search=${encodeURIComponent(text)}`, signal));

let active = -1;

const choices = () => [...list.querySelectorAll('[role=option]')];

function close() {
  list.hidden = true;
  active = -1;
  box.setAttribute('aria-expanded', 'false');
  box.removeAttribute('aria-activedescendant');
}

function move(to) {
  const all = choices();
  if (all.length === 0) return;
  active = (to + all.length) % all.length;
  all.forEach((choice, index) => choice.setAttribute('aria-selected', index === active));
  all[active].scrollIntoView({ block: 'nearest' });
  box.setAttribute('aria-activedescendant', all[active].id);
}

const settings = ['tiedEmbeddings', 'hiddenDropout'];

// Another model in place of whatever is there; how this run treats it stays.
export function useModel(model) {
  const { manifest } = state();
  const present = Object.entries(valueAt(manifest, 'spec.model') ?? {});
  const kept = Object.fromEntries(present.filter(([key]) => settings.includes(key)));
  change({ manifest: { ...manifest, spec: { ...manifest.spec, model: { ...kept, ...model } } } }, { isStep: true });
}

function choose(name) {
  box.value = name;
  close();
  useModel({ name });
}

async function open() {
  const found = await search(box.value.trim());
  if (found === null || document.activeElement !== box) return;
  list.replaceChildren(...(found.models.length > 0
    ? found.models.map((model, index) => {
        const choice = element('li', { id: `model-${index}`, role: 'option', 'aria-selected': 'false', 'data-name': model.name },
          model.parameters === null ? model.name : `${model.name} (${parameters(model.parameters)})`);
        // Before the box loses the focus, and with it the list.
        choice.addEventListener('mousedown', event => { event.preventDefault(); choose(model.name); });
        return choice;
      })
    : [element('li', { className: 'facts' }, found.problem ?? 'none')]));
  active = -1;
  list.hidden = false;
  box.setAttribute('aria-expanded', 'true');
}

function pressed(event) {
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    if (list.hidden) open();
    else move(active + (event.key === 'ArrowDown' ? 1 : -1));
  } else if (event.key === 'Enter') {
    event.preventDefault();
    const chosen = choices()[active] ?? choices()[0];
    if (!list.hidden && chosen) choose(chosen.dataset.name);
    else if (box.value.trim() !== '') choose(box.value.trim());
  } else if (event.key === 'Escape') {
    close();
    box.value = named();
  }
}

const named = () => valueAt(state().manifest, 'spec.model.name') ?? '';

// What the manifest says of its model; what somebody types meanwhile stays.
export function showModel() {
  const model = valueAt(state().manifest, 'spec.model') ?? {};
  if (document.activeElement !== box) box.value = named();
  box.placeholder = model.config ? 'a config.json is used' : model.architecture ? 'dimensions are used' : model.parameters ? `about ${model.parameters}` : 'llama-3.1-8b';
}

export function showModelFacts(estimate) {
  byId('model-facts').textContent = estimate ? `${estimate.model}, ${count(estimate.parameters)} parameters` : '';
}

export function startModelSearch(say) {
  box.addEventListener('input', () => open().catch(failed => say(failed.message)));
  box.addEventListener('focus', () => box.select());
  box.addEventListener('keydown', pressed);
  box.addEventListener('blur', () => { close(); showModel(); });
}
