// Pools and workloads of the cluster, or why they are not shown.

import { get } from './api.js';
import { byId, element } from './elements.js';
import { change } from './state.js';
import { count, verdict } from './words.js';

const table = (headings, rows) => element('div', { className: 'scroll', role: 'region', 'aria-label': headings[0], tabIndex: 0 }, element('table', {},
  element('thead', {}, element('tr', {}, ...headings.map(heading => element('th', { scope: 'col' }, heading)))),
  element('tbody', {}, ...rows)));

const poolRow = pool => element('tr', {},
  element('th', { scope: 'row' }, pool.name),
  element('td', {}, pool.product),
  element('td', {}, pool.memoryGiB === null ? 'unknown' : `${pool.memoryGiB} GiB`),
  element('td', {}, count(pool.gpus)),
  element('td', {}, pool.free === null ? '-' : count(pool.free)),
  element('td', {}, pool.reason ?? ''));

function workloadRow(workload) {
  const open = element('button', { type: 'button' }, `${workload.namespace}/${workload.name}`);
  open.addEventListener('click', () => {
    change({ manifest: workload.manifest, pools: true }, { isStep: true });
    byId('result').focus();
  });
  return element('tr', {},
    element('th', { scope: 'row' }, open),
    element('td', {}, workload.kind),
    element('td', { className: workload.verdict }, element('span', { className: 'word' }, verdict(workload.verdict))),
    element('td', {}, workload.message));
}

// Says whether pools can be planned for.
export async function showCluster() {
  let read;
  try {
    read = await get('cluster');
  } catch (failed) {
    byId('cluster-message').textContent = failed.message;
    return false;
  }
  byId('cluster-message').textContent = [read.message, ...read.remarks].join(' ');
  byId('cluster-read').hidden = read.state === 'NotGiven';
  byId('cluster').replaceChildren(
    ...(read.pools.length > 0 ? [table(['Pool', 'GPU', 'Memory', 'GPUs', 'Free', 'Reason'], read.pools.map(poolRow))] : []),
    ...(read.workloads.length > 0 ? [table(['Workload', 'Kind', 'Verdict', 'In words'], read.workloads.map(workloadRow))] : []));
  return read.state === 'Read';
}
