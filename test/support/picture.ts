import type { Browser } from "playwright-core";

export interface Picture {
  /** Of its lightest to its darkest pixel, as the WCAG reckons it: 1 to 21. */
  readonly contrast: number;
}

/** Looks at a PNG, in a page of its own. */
export async function pictureOf(
  browser: Browser,
  png: Buffer,
): Promise<Picture> {
  const page = await browser.newPage();
  try {
    const contrast = await page.evaluate(`(async () => {
      const image = new Image();
      image.src = "data:image/png;base64,${png.toString("base64")}";
      await image.decode();
      const canvas = document.createElement("canvas");
      canvas.width = image.width;
      canvas.height = image.height;
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, image.width, image.height);
      let darkest = 1;
      let lightest = 0;
      for (let i = 0; i < data.length; i += 4) {
        const [r, g, b] = [0, 1, 2].map((k) => {
          const value = data[i + k] / 255;
          return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
        });
        const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        darkest = Math.min(darkest, light);
        lightest = Math.max(lightest, light);
      }
      return (lightest + 0.05) / (darkest + 0.05);
    })()`);
    return { contrast: contrast as number };
  } finally {
    await page.close();
  }
}
