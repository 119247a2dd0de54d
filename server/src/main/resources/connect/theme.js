// The colours and the mode of the page.
import { query } from './page.js';

/** The colours and the mode that the environment or the address asks for. */
export function dress(settings) {
  const asked = query.get('theme');
  const mode = ['light', 'dark', 'system'].includes(asked) ? asked : settings.defaultTheme;
  if (mode === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = mode;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(':root {}');
  const style = sheet.cssRules[0].style;
  style.setProperty('--brand', color(settings.theme?.light?.primary, '#0b6583', '#ffffff'));
  style.setProperty('--brand-dark', color(settings.theme?.dark?.primary, '#62b9d8', '#151a1e'));
  document.adoptedStyleSheets = [sheet];
}

/** The colour, or ours if its contrast with the mode's background is too low. */
function color(value, otherwise, surface) {
  return value && CSS.supports('color', value) && contrast(value, surface) >= 4.5 ? value : otherwise;
}

/** The contrast of a colour on a background, as WCAG defines it. */
function contrast(value, surface) {
  const [darker, lighter] = [luminance(surface), luminance(surface, value)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Painted, since a colour may be in any colour space, and transparent. */
function luminance(...layers) {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d');
  for (const layer of layers) {
    canvas.fillStyle = layer;
    canvas.fillRect(0, 0, 1, 1);
  }
  const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map(part => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
