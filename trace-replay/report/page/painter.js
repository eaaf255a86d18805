// The same strokes onto a canvas or into an SVG file, for charts that are drawn by hand.
class CanvasPainter {
  constructor(context, width, height) {
    Object.assign(this, { context, width, height });
  }
  rect(x, y, w, h, colour) {
    this.context.fillStyle = colour;
    this.context.fillRect(x, y, w, h);
  }
  line(x1, y1, x2, y2, colour) {
    this.context.strokeStyle = colour;
    this.context.beginPath();
    this.context.moveTo(x1, y1);
    this.context.lineTo(x2, y2);
    this.context.stroke();
  }
  text(x, y, text, colour, align) {
    this.context.fillStyle = colour;
    this.context.textAlign = align;
    this.context.fillText(text, x, y);
  }
  image(canvas, x, y, w, h) {
    this.context.imageSmoothingEnabled = false;
    this.context.drawImage(canvas, x, y, w, h);
  }
}

class SvgPainter {
  constructor(width, height) {
    Object.assign(this, { width, height, parts: [] });
  }
  rect(x, y, w, h, colour) {
    this.parts.push(`<rect x="${x.toFixed(2)}" y="${y.toFixed(2)}" width="${w.toFixed(2)}" height="${h.toFixed(2)}" fill="${colour}"/>`);
  }
  line(x1, y1, x2, y2, colour) {
    this.parts.push(`<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}"/>`);
  }
  text(x, y, text, colour, align) {
    const anchor = { left: "start", center: "middle", right: "end" }[align];
    const safe = text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
    this.parts.push(`<text x="${x}" y="${y}" fill="${colour}" text-anchor="${anchor}">${safe}</text>`);
  }
  image(canvas, x, y, w, h) {
    this.parts.push(`<image x="${x}" y="${y}" width="${w}" height="${h}" preserveAspectRatio="none" ` +
      `style="image-rendering:pixelated" href="${canvas.toDataURL()}"/>`);
  }
  get svg() {
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${this.width}" height="${this.height}" ` +
      `font-family="sans-serif" font-size="12">${this.parts.join("")}</svg>`;
  }
}
