import jsQR from 'jsqr';

const MODULE_PX = 6;

/** What a phone's camera would read from the code on the page. */
export async function readQr(page) {
  const { size, path } = await page.getByRole('img', { name: 'QR code of the link' }).evaluate((svg) => ({
    size: svg.viewBox.baseVal.width,
    path: svg.querySelector('path').getAttribute('d'),
  }));
  const width = size * MODULE_PX;
  const pixels = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) blacken(pixels, width, Number(x), Number(y));
  return jsQR(pixels, width, width)?.data;
}

function blacken(pixels, width, x, y) {
  for (let down = 0; down < MODULE_PX; down += 1) {
    for (let right = 0; right < MODULE_PX; right += 1) {
      const at = ((y * MODULE_PX + down) * width + x * MODULE_PX + right) * 4;
      pixels.fill(0, at, at + 3);
    }
  }
}
