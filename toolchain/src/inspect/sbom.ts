import * as v from "valibot";
import { check } from "../base/json.ts";
import { damaged } from "./bytes.ts";
import type { Inspection } from "./inspect.ts";
import { jsonOf } from "./notices.ts";

/** The asset in an executable with its bill of materials, as far as the build knew it. */
export const SBOM = "sbom.json";

const base = v.looseObject({
  bomFormat: v.literal("CycloneDX"),
  specVersion: v.literal("1.6"),
  metadata: v.looseObject({ component: v.looseObject({ "bom-ref": v.string() }) }),
  components: v.array(v.looseObject({ "bom-ref": v.string() })),
  dependencies: v.array(v.looseObject({ ref: v.string(), dependsOn: v.exactOptional(v.array(v.string())) })),
});

/** A CycloneDX document. What a build does not write is not looked at. */
export type Sbom = v.InferOutput<typeof base>;

/**
 * The bill of materials of a file: what the build wrote, and what is read off the file itself: its sum, its BPF objects and
 * what it needs. The serial number is made of the sum, so that the same file always has the same document.
 *
 * @param path - the file, for messages
 * @throws Failure built-file-damaged
 */
export function completeSbom(path: string, bytes: Uint8Array, of: Inspection): Sbom {
  const checked = check(base, jsonOf(path, bytes, "its bill of materials is"));
  if ("problem" in checked)
    throw damaged(path, `its bill of materials is not what builds write: ${checked.problem}`);
  const { metadata, components, dependencies, bomFormat, specVersion, $schema, ...rest } = checked.value;
  const objects = of.objects.map(objectComponent);
  const root = metadata.component["bom-ref"];
  const refs = objects.map((object) => object["bom-ref"]);
  const component = {
    ...metadata.component,
    hashes: [{ alg: "SHA-256", content: of.sha256 }],
    properties: fileProperties(of),
  };
  return {
    ...($schema === undefined ? {} : { $schema }),
    bomFormat,
    specVersion,
    serialNumber: `urn:uuid:${uuid(of.sha256)}`,
    ...rest,
    metadata: { ...metadata, component },
    components: [...components, ...objects],
    dependencies: [
      ...dependencies.map((one) =>
        one.ref === root ? { ...one, dependsOn: [...(one.dependsOn ?? []), ...refs] } : one,
      ),
      ...refs.map((ref) => ({ ref })),
    ],
  };
}

/** What the kernel gets of the file. */
function objectComponent({ name, sha256, licence, programs, maps }: Inspection["objects"][number]) {
  return {
    type: "file",
    name: `${name}.bpf.o`,
    "bom-ref": `bpf:${name}@${sha256.slice(0, 16)}`,
    description: "BPF object, which the kernel loads",
    hashes: [{ alg: "SHA-256", content: sha256 }],
    ...(licence ? { licenses: [{ license: { name: licence } }] } : {}),
    properties: [
      ...programs.map((one) => property("program", `${one.name} ${one.section}`)),
      ...maps.map((one) => property("map", `${one.name} ${one.type}`)),
    ],
  };
}

function fileProperties({ buildId, arch, kernel, floors, capabilities }: Inspection) {
  return [
    property("architecture", arch),
    property("build-id", buildId),
    ...capabilities.map(({ capability }) => property("capability", capability)),
    ...Object.entries(floors).map(([library, version]) => property(`needs:${library}`, version)),
    property("needs:kernel", kernel.version),
  ];
}

function property(name: string, value: string) {
  return { name: `bpf-app:${name}`, value };
}

/** A UUID of the version that is free for own ways of making them (RFC 9562, version 8), of a sum in hexadecimal. */
function uuid(sum: string): string {
  const variant = ((Number.parseInt(sum.slice(16, 17), 16) & 3) | 8).toString(16);
  return [
    sum.slice(0, 8),
    sum.slice(8, 12),
    `8${sum.slice(13, 16)}`,
    `${variant}${sum.slice(17, 20)}`,
    sum.slice(20, 32),
  ].join("-");
}
