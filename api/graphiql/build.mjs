// Bundles the query page into the folder named: node build.mjs FOLDER. Only packages whose license allows it are let in.
import { build } from "esbuild";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
const allowed = ["MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0"];

// The style sheet brings letters along as text; the page uses the machine's own.
const withoutFonts = {
  name: "without-fonts",
  setup: (bundler) =>
    bundler.onLoad({ filter: /graphiql[\\/]dist[\\/]style\.css$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(/@font-face\s*\{[^}]*data:[^}]*\}/g, ""),
      loader: "css",
    })),
};

const { metafile } = await build({
  entryPoints: {
    page: "page.js",
    "editor.worker": "monaco-editor/esm/vs/editor/editor.worker.js",
    "json.worker": "monaco-editor/esm/vs/language/json/json.worker.js",
    "graphql.worker": "monaco-graphql/esm/graphql.worker.js",
  },
  outdir: folder,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  define: { "process.env.NODE_ENV": '"production"' },
  loader: { ".ttf": "file" },
  assetNames: "[name]",
  legalComments: "none",
  metafile: true,
  plugins: [withoutFonts],
  logLevel: "warning",
});

// Each bundled package with its license, as their licenses ask.
const packages = new Map();
for (const input of Object.keys(metafile.inputs)) {
  const found = input.match(/^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//);
  if (found) packages.set(found[1], input.slice(0, input.indexOf(found[1]) + found[1].length));
}
let notices = "Packages in the query page, with their licenses.\n";
for (const [name, path] of [...packages].sort()) {
  const { version, license } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
  if (!allowed.includes(license)) throw new Error(`${name} ${version} may not be bundled: its license is ${license}`);
  const file = readdirSync(path).find((one) => /^licen[cs]e/i.test(one));
  notices += `\n---- ${name} ${version} (${license})\n${file ? readFileSync(join(path, file), "utf8") : ""}`;
}
writeFileSync(join(folder, "licenses.txt"), notices);
