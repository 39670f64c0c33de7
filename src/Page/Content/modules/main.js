// Puts the page together: the address is read, the form shows it, the server answers, the answer is shown.

import { get, latest, post } from './api.js';
import { showCluster } from './clusterView.js';
import { startConfigDrop } from './configDrop.js';
import { byId } from './elements.js';
import { markProblems, showForm } from './form.js';
import { offerPools, showGpu, startGpuChoice } from './gpuChoice.js';
import { showManifest, startManifestBox } from './manifestBox.js';
import { showModel, showModelFacts, startModelSearch } from './modelSearch.js';
import { showResult } from './result.js';
import { onChange, readAddress, state, useKind } from './state.js';

const unreadable = 'The address holds no question that can be read: this is the usual start.';

function say(text) {
  const notice = byId('notice');
  notice.hidden = text === '';
  notice.textContent = text;
}

const estimate = latest((signal, question) => post('estimate', question, signal));

let problems = [];

async function ask() {
  const { manifest, gpu, pools } = state();
  byId('result').classList.add('late');
  try {
    const answer = await estimate({ manifest, ...(gpu === null || pools ? {} : { gpu }), ...(pools ? { pools } : {}) });
    if (answer === null) return;
    showResult(answer);
    showModelFacts(answer.estimate);
    showManifest(answer.yaml);
    problems = answer.problems;
    markProblems(problems);
  } catch (failed) {
    say(failed.message);
  }
}

async function readCluster() {
  if (await showCluster()) offerPools();
}

// Asked by the preloads of index.html already, while the modules were on their way.
async function startForm() {
  const [described, { gpus }] = await Promise.all([get('fields'), get('gpus')]);
  const show = () => {
    showForm(described);
    showModel();
    showGpu();
  };
  startGpuChoice(gpus);
  startConfigDrop(say, described.largestConfigBytes);
  for (const radio of document.querySelectorAll('input[name=kind]')) radio.addEventListener('change', () => useKind(radio.value));
  onChange(show);
  show();
  markProblems(problems);
}

async function start() {
  const read = async () => say(await readAddress() ? '' : unreadable);
  onChange(() => {
    say('');
    ask();
  });
  startModelSearch(say);
  startManifestBox();
  byId('question').addEventListener('submit', event => event.preventDefault());
  byId('cluster-read').addEventListener('click', readCluster);
  addEventListener('popstate', read);
  await read();
  await startForm();
  readCluster();
}

start().catch(failed => say(failed.message));
