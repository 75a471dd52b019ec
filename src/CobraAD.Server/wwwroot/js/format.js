let digits = 4;

/** Scores are shown to a hundredth of the spread of good parts: some detectors live between 0 and 1, others within 0.0001. */
export function setSpread(scale) {
  digits = Math.min(9, Math.max(2, Math.ceil(-Math.log10(scale)) + 2));
}

/** A raw score. */
export const score = (value) => value.toFixed(digits);

export const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;

export const milliseconds = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit' });

/** The time of today, the date and time of other days. */
export function time(text) {
  const when = new Date(text);
  return (when.toDateString() === new Date().toDateString() ? clock : day).format(when);
}

export const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;

/** Whether an attack, or luck, could have turned the decision. */
export const isNearEdge = (result) => result.robustMargin != null && result.robustMargin < 1;
