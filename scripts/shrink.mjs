// Makes what a browser loads smaller than cargo-leptos leaves it: one more round of wasm-opt, which
// makes some 5 KB less of brotli (-Oz makes more of it), and compression that is told how much comes.
// node scripts/shrink.mjs FOLDER

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const folder = process.argv[2];
const tools = join(dirname(fileURLToPath(import.meta.url)), "..", "node_modules", ".bin");
const names = readdirSync(folder);
for (const name of names.filter((name) => name.endsWith(".wasm"))) {
  const path = join(folder, name);
  execFileSync(join(tools, "wasm-opt"), ["-Os", path, "-o", path]);
}
for (const name of names.filter((name) => names.includes(`${name}.br`))) {
  const path = join(folder, name);
  const file = readFileSync(path);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: file.length,
  };
  writeFileSync(`${path}.br`, brotliCompressSync(file, { params }));
  writeFileSync(`${path}.gz`, gzipSync(file, { level: 9 }));
}
