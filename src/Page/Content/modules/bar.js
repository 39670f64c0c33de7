// The terms on top of each other against the memory of the GPU, the uncertainty as a range below.

import { element } from './elements.js';
import { size } from './words.js';

const room = 1.04; // of the longest length, so that the line of the limit is not on the edge

function segment(name, title, bytes, whole) {
  const part = element('i', { 'data-term': name, title: `${title}: ${size(bytes)}` });
  part.style.width = `${100 * bytes / whole}%`;
  return part;
}

function limit(bytes, whole, label) {
  const share = bytes / whole;
  // The words stand on the side that has room for them.
  const line = element('div', { className: share < 0.5 ? 'limit left' : 'limit' }, label === null ? null : element('span', {}, label));
  line.style.left = `${100 * share}%`;
  return line;
}

export function bar(estimate, held) {
  const usable = held?.usableBytes ?? null;
  // What an engine on the same GPU takes stands before the training step's own.
  const engine = usable === null || held.availableBytes === null ? 0 : usable - held.availableBytes;
  const whole = room * Math.max(usable ?? 0, engine + estimate.upperBoundBytes);
  const range = element('div', { className: 'range' });
  range.style.left = `${100 * (engine + estimate.lowerBoundBytes) / whole}%`;
  range.style.width = `${100 * (estimate.upperBoundBytes - estimate.lowerBoundBytes) / whole}%`;
  const said = `${size(estimate.expectedBytes)} expected, ${size(estimate.lowerBoundBytes)} certain, up to ${size(estimate.upperBoundBytes)}${usable === null ? '' : `, of ${size(usable)} of ${held.product}`}`;
  return element('div', { className: 'bar' },
    element('div', { className: 'track', role: 'img', 'aria-label': said },
      element('div', { className: 'segments' },
        engine > 0 ? segment('Engine', 'generation engine', engine, whole) : null,
        ...estimate.terms.filter(term => term.bytes > 0).map(term => segment(term.name, term.title, term.bytes, whole))),
      usable === null ? null : limit(usable, whole, `${held.product}: ${size(usable)}`),
      range),
    element('p', { className: 'scale' }, said));
}

// One stage of a pipeline, on the scale of the largest.
export function stageBar(stage, titles, usable, whole) {
  return element('div', { className: 'track', 'aria-hidden': 'true' },
    element('div', { className: 'segments' }, ...stage.terms.filter(term => term.bytes > 0).map(term => segment(term.name, titles[term.name] ?? term.name, term.bytes, whole))),
    usable === null ? null : limit(usable, whole, null));
}
