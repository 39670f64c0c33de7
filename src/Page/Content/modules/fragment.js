// The state in the address, behind '#': JSON, deflated, in base64 as addresses take it. Nothing of it reaches the server that serves the page.

const longest = 4 * 2 ** 20;

const through = (bytes, stream) => new Blob([bytes]).stream().pipeThrough(stream);

export async function encode(state) {
  const deflated = new Uint8Array(await new Response(through(JSON.stringify(state), new CompressionStream('deflate-raw'))).arrayBuffer());
  let binary = '';
  for (const byte of deflated) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

// Throws where the text is no state.
export async function decode(text) {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(binary, character => character.charCodeAt(0));
  const reader = through(bytes, new DecompressionStream('deflate-raw')).getReader();
  const decoder = new TextDecoder();
  let json = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    json += decoder.decode(part.value, { stream: true });
    // A short address can stand for gigabytes.
    if (json.length > longest) {
      reader.cancel();
      throw new Error('the state is too large');
    }
  }
  return JSON.parse(json + decoder.decode());
}
