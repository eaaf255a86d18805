// What the page carries: descriptions of the charts as JSON, and their numbers as one deflated block of bytes.
const about = JSON.parse(document.getElementById("about").textContent);

function bytesOfBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

async function loadBytes() {
  const element = document.getElementById("columns");
  const packed = bytesOfBase64(element.textContent);
  element.remove();  // megabytes that are not needed twice
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// Differences, seven bits a byte, the sign in the lowest bit: see column_codec.hpp.
function decodeColumn(bytes, at, rows, decimals) {
  const values = new Float64Array(rows);
  const unit = 10 ** decimals;
  const missing = -(2 ** 50);
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    let byte = bytes[at++];
    let coded = byte & 127;
    for (let scale = 128; byte > 127; scale *= 128) {
      byte = bytes[at++];
      coded += (byte & 127) * scale;
    }
    sum += coded % 2 ? -(coded + 1) / 2 : coded / 2;
    values[row] = sum === missing ? NaN : sum / unit;
  }
  return values;
}

// The data of one chart; columns are decoded when they are first asked for.
class Frame {
  constructor(columns, bytes) {
    this.columns = columns;
    this.bytes = bytes;
    this.decoded = new Map();
  }
  get rows() { return this.columns.length ? this.columns[0].rows : 0; }
  column(index) {
    if (!this.decoded.has(index)) {
      const c = this.columns[index];
      this.decoded.set(index, c.texts || decodeColumn(this.bytes, c.at, c.rows, c.decimals));
    }
    return this.decoded.get(index);
  }
  named(name) {
    const index = this.columns.findIndex((c) => c.name === name);
    return index < 0 ? null : this.column(index);
  }
}
