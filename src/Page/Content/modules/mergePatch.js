// A merge patch (RFC 7386): members replace, null takes away.

const isObject = value => value !== null && typeof value === 'object' && !Array.isArray(value);

export function mergePatch(target, patch) {
  if (!isObject(patch)) return patch;
  const merged = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

// What is at a path such as training.recompute; undefined where there is nothing.
export const valueAt = (object, path) => path.split('.').reduce((value, key) => isObject(value) ? value[key] : undefined, object);

// A patch of one field; undefined takes it away.
export const patchOf = (path, value) => path.split('.').reduceRight((inner, key) => ({ [key]: inner }), value === undefined ? null : value);
