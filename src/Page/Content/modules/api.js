// Asks the server. What it refuses, and that it does not answer, become errors with words for people.

async function ask(path, options) {
  let response;
  try {
    response = await fetch(`api/v1/${path}`, options);
  } catch (failed) {
    if (failed.name === 'AbortError') throw failed;
    throw new Error('The server behind this page does not answer. Is gpumem ui still running?');
  }
  let answer = null;
  try {
    answer = await response.json();
  } catch (failed) {
    if (failed.name === 'AbortError') throw failed;
  }
  if (!response.ok || answer === null) throw new Error(answer?.error ?? `The server behind this page failed (HTTP ${response.status}).`);
  return answer;
}

export const get = (path, signal) => ask(path, { signal });

export const post = (path, body, signal) =>
  ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), signal });

// Asks again and again, and answers the newest question only: an earlier one is given up, so that it can never overwrite a later one.
export function latest(question) {
  let running = null;
  return async (...args) => {
    running?.abort();
    const mine = running = new AbortController();
    try {
      const answer = await question(mine.signal, ...args);
      return mine === running ? answer : null;
    } catch (failed) {
      if (mine !== running || failed.name === 'AbortError') return null;
      throw failed;
    }
  };
}
