/** Replaces ranges of a text: `edits` are `[start, end, replacement]`, in any order, without overlaps. */
export function edited(text, edits) {
  let result = '';
  let position = 0;
  for (const [start, end, by] of edits.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (start < position) throw new Error(`Edits overlap at ${text.slice(start, start + 80)}`);
    result += text.slice(position, start) + by;
    position = end;
  }
  return result + text.slice(position);
}
