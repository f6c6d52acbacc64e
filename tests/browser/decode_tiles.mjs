// Decodes vector tiles with the library that web maps use: base64 of one tile a line in, its content as one line of JSON out.
//   [[layer name, [[id, type, parts, properties], …]], …]; rings come without their closing vertex.

import { createInterface } from 'node:readline';
import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';

const POLYGON = 3;

function parts(feature) {
  return feature.loadGeometry().map((part) => {
    const vertices = part.map(({ x, y }) => [x, y]);
    return feature.type === POLYGON ? vertices.slice(0, -1) : vertices;
  });
}

function decode(octets) {
  const tile = new VectorTile(new PbfReader(octets));
  return Object.entries(tile.layers).map(([name, layer]) => {
    const features = Array.from({ length: layer.length }, (_, i) => {
      const feature = layer.feature(i);
      // All points of a MultiPoint are one part, as they are one command.
      const shape = feature.type === 1 ? [parts(feature).flat()] : parts(feature);
      return [feature.id ?? null, feature.type, shape, feature.properties];
    });
    return [name, features];
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(decode(Buffer.from(line, 'base64')))}\n`);
}
