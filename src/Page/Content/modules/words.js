// Numbers and names as people read them.

const GiB = 2 ** 30;
const whole = new Intl.NumberFormat('en');

export const count = number => whole.format(number);

export const size = bytes => bytes === null || bytes === undefined ? 'unknown' : `${(bytes / GiB).toFixed(1)} GiB`;

export const parameters = number => number >= 1e12 ? `${(number / 1e12).toFixed(1)} T`
  : number >= 1e9 ? `${(number / 1e9).toFixed(1)} B`
  : `${Math.round(number / 1e6)} M`;

export const verdict = name => ({
  Fits: 'Fits', AtRisk: 'At risk', Unknown: 'Not known', DoesNotFit: 'Does not fit', Impossible: 'Impossible', Invalid: 'Cannot run',
})[name] ?? name;
