// The controls of the form: each shows one field of the manifest and changes it.

import { byId, element } from './elements.js';
import { fields } from './fields.js';
import { patchOf, valueAt } from './mergePatch.js';
import { patchManifest, state } from './state.js';
import { count } from './words.js';

const idOf = path => `field-${path.replaceAll('.', '-')}`;

export const controlOf = path => byId(idOf(path));

let shown = [];

const set = (path, value) => patchManifest(patchOf(`spec.${path}`, value));

// A number where it is one, so that YAML has no quotes around it.
const parsed = text => text.trim() === '' ? undefined : /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text.trim();

const about = (label, described) => described === undefined ? null
  : element('details', { className: 'about' }, element('summary', { 'aria-label': `About ${label}`, title: described.description }, '?'), element('p', {}, described.description));

const field = (path, label, described, control, ...more) => element(
  'div',
  { className: `field${more.length > 0 ? ' whole' : ''}` },
  element('div', { className: 'name' }, element('label', { htmlFor: idOf(path) }, label), about(label, described)),
  more.length > 0 ? element('div', { className: 'pair' }, ...more, control) : control);

const options = choices => [element('option', { value: '' }, 'default'), ...choices.map(name => element('option', { value: name }, name))];

function choice({ path, label }, described) {
  const control = element('select', { id: idOf(path) }, ...options(described?.choices ?? []));
  control.addEventListener('change', () => set(path, control.value === '' ? undefined : control.value));
  shown.push({ path, show: value => { control.value = value ?? ''; } });
  return field(path, label, described, control);
}

function yesNo({ path, label }, described) {
  const control = element('select', { id: idOf(path) }, ...options(['true', 'false']));
  control.addEventListener('change', () => set(path, control.value === '' ? undefined : control.value === 'true'));
  shown.push({ path, show: value => { control.value = value === undefined ? '' : String(value); } });
  return field(path, label, described, control);
}

function exact(path) {
  const control = element('input', { id: idOf(path), type: 'text', autocomplete: 'off', placeholder: 'default' });
  control.addEventListener('change', () => set(path, parsed(control.value)));
  shown.push({ path, show: value => { if (document.activeElement !== control || control.value === '') control.value = value ?? ''; } });
  return control;
}

const text = ({ path, label }, described) => field(path, label, described, exact(path));

function slider({ path, label, unit, from, to }, described) {
  const control = element('input', { type: 'range', min: from, max: to, step: 1, id: `${idOf(path)}-slider`, 'aria-label': `${label}, slider` });
  control.addEventListener('input', () => set(path, 2 ** Number(control.value)));
  shown.push({ path, show: value => {
    const number = Number(value);
    if (number > 0) control.value = Math.round(Math.log2(number));
    control.setAttribute('aria-valuetext', number > 0 ? `${count(number)} ${unit}` : 'default');
  } });
  const whole = label.toLowerCase().includes(unit) ? label : `${label}, ${unit}`;
  return field(path, whole, described, exact(path), control);
}

const makers = { choice, yesNo, text, slider };

function group({ title, isFolded, fields: members }, described) {
  const grid = element('div', { className: 'grid' }, ...members.map(member => makers[member.type](member, described[member.path])));
  return isFolded
    ? element('fieldset', {}, element('legend', {}, title), element('details', {}, element('summary', {}, `${members.length} more settings`), grid))
    : element('fieldset', {}, element('legend', {}, title), grid);
}

let kind = null;

// Shows the manifest; the controls are made anew only for another kind.
export function showForm(described) {
  const { manifest } = state();
  if (kind !== manifest.kind) {
    kind = manifest.kind;
    shown = [];
    byId('fields').replaceChildren(...fields[kind].map(part => group(part, described[kind])));
  }
  for (const radio of document.querySelectorAll('input[name=kind]')) radio.checked = radio.value === kind;
  for (const { path, show } of shown) show(valueAt(manifest.spec, path));
}

// Marks the controls of the fields that are wrong.
export function markProblems(problems) {
  for (const control of document.querySelectorAll('#question [aria-invalid]')) control.removeAttribute('aria-invalid');
  for (const { path } of problems) {
    const control = path.startsWith('model') ? byId('model') : controlOf(path);
    control?.setAttribute('aria-invalid', 'true');
    const folded = control?.closest('details:not(.about)');
    if (folded) folded.open = true;
  }
}
