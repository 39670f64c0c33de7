// The answer, part by part.

import { bar, stageBar } from './bar.js';
import { byId, element } from './elements.js';
import { change, patchManifest, state } from './state.js';
import { count, size, verdict } from './words.js';

const replace = (id, ...children) => byId(id).replaceChildren(...children.filter(child => child !== null));

function showVerdict(answer) {
  const part = byId('verdict');
  part.className = `verdict ${answer.verdict}`;
  const { held } = answer;
  const where = held === null ? '' : ` ${held.name}, ${count(held.gpus)} ${held.gpus === 1 ? 'GPU' : 'GPUs'} (${held.layout})`;
  const words = element('p', {}, element('strong', {}, verdict(answer.verdict)), where === '' ? '' : ` on${where}`);
  const sentence = element('p', {}, answer.message);
  // What is said already is not said again: a screen reader would read it aloud at each move of a slider.
  if (part.textContent !== words.textContent + sentence.textContent) part.replaceChildren(words, sentence);
}

function showProblems(problems) {
  byId('problems').hidden = problems.length === 0;
  replace('problems', ...problems.map(({ path, message }) => element('li', {}, `${path}: ${message}`)));
}

function showSuggestions(suggestions) {
  byId('suggestions-part').hidden = suggestions.length === 0;
  replace('suggestions', ...suggestions.map(({ message, cost, patch, change: words }) => {
    const button = element('button', { type: 'button', 'data-change': words }, message, cost === null ? null : element('small', {}, cost));
    button.addEventListener('click', () => {
      patchManifest(patch, { isStep: true });
      byId('result').focus();
    });
    return element('li', {}, button);
  }));
}

const opened = new Set(); // the terms that are unfolded stay so

function termRow(term) {
  const row = element('details', { open: opened.has(term.name), 'data-name': term.name },
    element('summary', {}, element('i', { 'data-term': term.name }), term.title, element('span', { className: 'size' }, size(term.bytes))),
    element('dl', {},
      element('dt', {}, 'Formula'), element('dd', {}, term.formula),
      element('dt', {}, 'Numbers'), element('dd', {}, term.numbers),
      element('dt', {}, 'Up to'), element('dd', {}, size(term.upperBoundBytes)),
      element('dt', {}, 'Source'), element('dd', {}, term.source)));
  row.addEventListener('toggle', () => row.open ? opened.add(term.name) : opened.delete(term.name));
  return row;
}

const sum = (name, bytes) => element('div', { className: 'sum' }, element('span', {}, name), element('span', { className: 'size' }, size(bytes)));

function showMemory({ estimate, held, facts, capacity }) {
  byId('memory').hidden = estimate === null;
  if (estimate === null) return;
  replace('bar', bar(estimate, held));
  replace('terms', element('div', { className: 'terms' }, ...estimate.terms.map(termRow), sum('expected', estimate.expectedBytes), sum('upper bound', estimate.upperBoundBytes), sum('certain', estimate.lowerBoundBytes)));
  replace('facts',
    capacity === null ? null : element('li', {}, `${size(capacity.cacheBytes)} of cache hold ${count(capacity.tokens)} tokens, ${count(capacity.sequences)} such sequences, or one of ${count(capacity.maxContext)}.`),
    ...facts.map(fact => element('li', {}, fact)),
    ...estimate.assumptions.map(assumption => element('li', {}, `Assumed: ${assumption}`)));
}

function showStages({ stages, estimate, held }) {
  byId('stages-part').hidden = stages.length < 2;
  if (stages.length < 2) return;
  const titles = Object.fromEntries(estimate.terms.map(term => [term.name, term.title]));
  const usable = held?.availableBytes ?? null;
  const whole = Math.max(usable ?? 0, ...stages.map(stage => stage.expectedBytes)) * 1.02;
  replace('stages', ...stages.map(stage => element('li', {},
    element('span', {}, `Stage ${stage.stage}`),
    stageBar(stage, titles, usable, whole),
    element('span', { className: 'size' }, size(stage.expectedBytes)))));
}

function candidateRow(candidate, isPools) {
  const isHeld = !isPools && state().gpu === candidate.pool;
  const choose = element('button', { type: 'button' }, candidate.pool);
  choose.addEventListener('click', () => change({ gpu: candidate.pool, pools: false }, { isStep: true }));
  return element('tr', { 'aria-current': isHeld ? 'true' : null },
    element('th', { scope: 'row' }, isPools ? candidate.pool : choose),
    element('td', { className: candidate.verdict }, element('span', { className: 'word' }, verdict(candidate.verdict))),
    element('td', { className: 'size' }, count(candidate.gpus)),
    element('td', { className: 'size' }, size(candidate.expectedBytes)),
    element('td', { className: 'size' }, size(candidate.usableBytes)),
    element('td', {}, candidate.message, candidate.note === null ? null : ` ${candidate.note}.`));
}

const headings = ['GPU', 'Verdict', 'GPUs', 'Needs', 'Has', 'In words'];

function showCandidates(candidates) {
  const isPools = state().pools;
  byId('gpus-title').textContent = isPools ? 'Every pool of the cluster' : 'Every GPU';
  replace('candidates',
    element('thead', {}, element('tr', {}, ...headings.map((heading, index) => element('th', { scope: 'col', className: index > 1 && index < 5 ? 'size' : '' }, heading)))),
    element('tbody', {}, ...candidates.map(candidate => candidateRow(candidate, isPools))));
}

// Nearly a hundred rows, which nobody reads while a slider moves: they follow when it rests.
const rest = 80; // milliseconds
let following = null;

function showCandidatesAtRest(candidates) {
  clearTimeout(following);
  following = setTimeout(() => showCandidates(candidates), rest);
}

export function showResult(answer) {
  showVerdict(answer);
  showProblems(answer.problems);
  showSuggestions(answer.suggestions);
  showMemory(answer);
  showStages(answer);
  showCandidatesAtRest(answer.candidates);
  byId('result').classList.remove('late');
}
