// Draws the maps of the pages: each element with `data-map` says in JSON what to draw (see `map.rs`). The library is loaded only
// when there is a map to draw and a browser that can; its worker is a file of this server.

/** Colours that differ in hue and in lightness, dark enough (3:1) on the pale ground. */
const COLOURS = ["#0b5cad", "#b3400f", "#1d7a46", "#7a3b9d", "#8a6100", "#0f7780", "#a3195b", "#4a5568"];
const CHOSEN = "#ffb000";
const GROUND = "#eef1f4";
/** Opacity of areas; where they lie on each other their colours must not mix to mud. */
const FILLED = 0.22;
const FAINT = 0.08;
/** More at one place than this are told of, not listed. */
const LISTED = 8;
/** A finger or pointer is this many pixels wide. */
const REACH = 5;
/** Around what is shown, for the buttons on the right and the credits below. */
const MARGIN = { top: 28, left: 28, right: 52, bottom: 56 };

const isPoint = ["==", ["geometry-type"], "Point"];
const isLine = ["==", ["geometry-type"], "LineString"];
const isArea = ["==", ["geometry-type"], "Polygon"];

function canDraw() {
  const context = document.createElement("canvas").getContext("webgl2");
  // Browsers allow few contexts at a time.
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}

async function json(url) {
  const response = await fetch(url, { headers: { accept: "application/geo+json, application/json" } });
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  return response.json();
}

/** The server may be known by another name than the one in the address bar: what it names as itself is asked of this origin. */
function sameOrigin(origin) {
  return (url) => {
    if (!origin || origin === location.origin) return undefined;
    return url === origin || url.startsWith(`${origin}/`) ? { url: location.origin + url.slice(origin.length) } : undefined;
  };
}

function escaped(text) {
  const span = document.createElement("span");
  span.textContent = text;
  return span.innerHTML;
}

/** Layers of style for one source: areas, their outlines, lines, points. What is chosen stands out where the source has ids. */
function styleLayers(name, sourceLayer, colour, fill) {
  const chosen = (yes, no) => ["case", ["boolean", ["feature-state", "chosen"], false], yes, no];
  const common = { source: name, ...(sourceLayer && { "source-layer": sourceLayer }) };
  const grow = (near, far) => ["interpolate", ["linear"], ["zoom"], 6, near, 14, far];
  return [
    {
      id: `${name}/area`,
      type: "fill",
      filter: isArea,
      paint: { "fill-color": chosen(CHOSEN, colour), "fill-opacity": chosen(0.45, fill) },
    },
    {
      id: `${name}/outline`,
      type: "line",
      filter: isArea,
      layout: { "line-join": "round" },
      paint: { "line-color": colour, "line-width": grow(0.6, 1.8), "line-opacity": 0.9 },
    },
    {
      id: `${name}/line`,
      type: "line",
      filter: isLine,
      layout: { "line-join": "round", "line-cap": "round" },
      paint: { "line-color": chosen(CHOSEN, colour), "line-width": grow(1.2, 3.5) },
    },
    {
      id: `${name}/point`,
      type: "circle",
      filter: isPoint,
      paint: {
        "circle-color": chosen(CHOSEN, colour),
        "circle-radius": grow(2.5, 6),
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": grow(0.5, 1.5),
      },
    },
  ].map((layer) => ({ ...common, ...layer }));
}

/** A source and its style layers for each thing to draw; what cannot be had is left out and told of. */
async function contents(config, fetched, failed) {
  const drawn = await Promise.all(
    config.layers.map(async (layer, i) => {
      try {
        const { tiles, minzoom, maxzoom, bounds, vector_layers: described } = await fetched(layer.tilejson);
        // Where the ids are no whole numbers, the tiles have them as texts in the property of this name.
        const idProperty = described.find(({ id }) => id === layer.id)?.id_property;
        // The library takes bounds across the antimeridian for an empty box.
        const boxed = bounds?.[0] <= bounds?.[2] && { bounds };
        return {
          ...layer,
          name: `guichet/${layer.id}`,
          colour: COLOURS[i % COLOURS.length],
          sourceLayer: layer.id,
          idProperty,
          minzoom,
          source: { type: "vector", tiles, minzoom, maxzoom, ...boxed, ...(idProperty && { promoteId: idProperty }) },
        };
      } catch (error) {
        failed(error);
        return null;
      }
    }),
  );
  if (config.features) {
    try {
      drawn.push(await ownFeatures(config.features, fetched));
    } catch (error) {
      failed(error);
    }
  }
  return drawn.filter(Boolean);
}

/** GeoJSON on the map. The library keeps ids of GeoJSON only if they are numbers, so they go along as a property. */
async function ownFeatures(wanted, fetched) {
  const data = wanted.data ?? (await fetched(wanted.href));
  const features = (data.type === "FeatureCollection" ? data.features : [data]).filter((f) => f.geometry);
  for (const feature of features) {
    feature.properties = { ...feature.properties, "guichet:id": String(feature.id) };
    delete feature.id;
  }
  return {
    ...wanted,
    name: "guichet/features",
    colour: COLOURS[0],
    idProperty: "guichet:id",
    shown: true,
    box: boxOf(features.map((f) => f.geometry)),
    source: { type: "geojson", data: { type: "FeatureCollection", features }, promoteId: "guichet:id" },
  };
}

/** West, south, east, north of GeoJSON geometries. */
function boxOf(geometries) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const visit = (c) => {
    if (typeof c[0] !== "number") return c.forEach(visit);
    box[0] = Math.min(box[0], c[0]);
    box[1] = Math.min(box[1], c[1]);
    box[2] = Math.max(box[2], c[0]);
    box[3] = Math.max(box[3], c[1]);
  };
  const walk = (g) => (g.geometries ? g.geometries.forEach(walk) : visit(g.coordinates));
  geometries.forEach(walk);
  return Number.isFinite(box[0]) ? box : null;
}

/** The camera's box: across the antimeridian the east is counted on, and Mercator has no poles. */
function camera(box) {
  if (!box) return [-180, -60, 180, 75];
  const [west, south, east, north] = box;
  return [west, Math.max(south, -85), east < west ? east + 360 : east, Math.min(north, 85)];
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** The name and the address of a feature's page. */
function pageOf(feature, thing, texts) {
  const id = thing.idProperty ? feature.properties[thing.idProperty] : feature.id;
  const label = thing.label ? feature.properties[thing.label] : undefined;
  const known = id !== undefined && id !== null;
  const name = label ?? (known ? `${texts.item} ${id}` : texts.item);
  return { id, name: String(name), href: known && thing.item ? thing.item.replace("{id}", encodeURIComponent(String(id))) : null };
}

/** What is at a place, each item once: points and lines, those at the very point before those within a finger's reach; then areas. */
function found(map, things, point, texts) {
  const reach = [
    [point.x - REACH, point.y - REACH],
    [point.x + REACH, point.y + REACH],
  ];
  const byName = new Map(things.map((thing) => [thing.name, thing]));
  const layers = (kinds) => things.flatMap(({ name }) => kinds.map((kind) => `${name}/${kind}`));
  const thin = { layers: layers(["point", "line"]) };
  const features = [
    ...map.queryRenderedFeatures(point, thin),
    ...map.queryRenderedFeatures(reach, thin),
    ...map.queryRenderedFeatures(point, { layers: layers(["area"]) }),
  ];
  const seen = new Set();
  const list = [];
  for (const feature of features) {
    const thing = byName.get(feature.source);
    const page = pageOf(feature, thing, texts);
    const key = `${feature.source}/${page.id ?? JSON.stringify(feature.properties)}`;
    if (seen.has(key)) continue;
    seen.add(key);
    list.push({ feature, thing, ...page });
  }
  return list;
}

/** The bubble that lists what is at a place. */
function bubble(list, texts, several) {
  const box = element("div", { className: "bubble" });
  if (list.length === 0) box.append(element("p", { textContent: texts.nothing }));
  const items = element("ul", {});
  for (const { name, href, thing } of list.slice(0, LISTED)) {
    const title = href
      ? element("a", { href, textContent: name, ariaLabel: `${texts.open} ${name}` })
      : element("span", { textContent: name });
    const entry = element("li", {}, title);
    if (several && thing.title) entry.append(element("span", { className: "of", textContent: thing.title }));
    items.append(entry);
  }
  if (list.length > 0) box.append(items);
  if (list.length > LISTED) box.append(element("p", { textContent: `… ${texts.more}` }));
  return box;
}

/** Clicks, taps and Enter open the bubble; Escape closes it and gives the keyboard back to the map. */
function readable(library, map, things, texts) {
  const canvas = map.getCanvas();
  let popup = null;
  let chosen = [];
  const forget = () => {
    for (const target of chosen) map.removeFeatureState(target, "chosen");
    chosen = [];
  };
  const open = (point, place, always) => {
    popup?.remove();
    const list = found(map, things, point, texts);
    if (list.length === 0 && !always) return;
    for (const { feature, thing } of list.slice(0, 1)) {
      if (feature.id === undefined) continue;
      const target = { source: feature.source, sourceLayer: thing.sourceLayer, id: feature.id };
      map.setFeatureState(target, { chosen: true });
      chosen.push(target);
    }
    const content = bubble(list, texts, things.length > 1);
    const opened = new library.Popup({ maxWidth: "20rem", offset: 8 }).setLngLat(place).setDOMContent(content).addTo(map);
    popup = opened;
    opened.on("close", () => {
      forget();
      if (popup === opened) popup = null;
    });
  };
  map.on("click", (event) => open(event.point, event.lngLat, false));
  canvas.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const centre = map.getCenter();
    open(map.project(centre), centre, true);
  });
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !popup) return;
    popup.remove();
    canvas.focus();
  });
  let looking = false;
  map.on("mousemove", ({ point }) => {
    if (looking) return;
    looking = true;
    requestAnimationFrame(() => {
      looking = false;
      canvas.style.cursor = found(map, things, point, texts).length > 0 ? "pointer" : "";
    });
  });
}

/** A box for each layer, to show or hide it. */
function legend(map, things, texts) {
  const fields = element("fieldset", { className: "legend" }, element("legend", { textContent: texts.legend }));
  for (const thing of [...things].reverse()) {
    const box = element("input", { type: "checkbox", checked: thing.shown });
    const swatch = element("span", { className: "swatch" });
    swatch.style.setProperty("--swatch", thing.colour);
    fields.append(element("label", {}, box, swatch, element("span", { textContent: thing.title })));
    box.addEventListener("change", () => {
      for (const id of thing.styleIds) map.setLayoutProperty(id, "visibility", box.checked ? "visible" : "none");
    });
  }
  return fields;
}

/** What the map tells beside what it shows: one sentence at a time, the gravest first. */
function say(container, text) {
  container.querySelector(".map-message").textContent = text;
}

/** True if everything that is shown has no tiles as far out as this. */
function tooFar(map, things) {
  const shown = things.filter((thing) => map.getLayoutProperty(thing.styleIds[0], "visibility") !== "none");
  return shown.length > 0 && shown.every((thing) => map.getZoom() < (thing.minzoom ?? 0));
}

/** What a page of this server tells its map; null if it has none, or is refused. A page is asked, as a session opens nothing else. */
async function configOf(page) {
  const answer = await fetch(page, { headers: { accept: "text/html" } });
  const map = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-map]");
  return map ? JSON.parse(map.dataset.map) : null;
}

/** The middle of the first item of a layer. */
async function placeOf(thing, fetched) {
  if (!thing.item) return null;
  const page = new URL(thing.item.replace("/{id}", ""), location.href);
  page.searchParams.set("limit", "1");
  const { features } = (await configOf(page)) ?? {};
  const box = features && (await ownFeatures(features, fetched)).box;
  return box ? [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] : null;
}

/** Addresses of tiles may be signed for some minutes: a page that is looked at for longer asks itself for new ones. */
function renewal(map, things, fetched) {
  let last = 0;
  return async (error) => {
    if (error?.status !== 401 || Date.now() - last < 30_000) return false;
    last = Date.now();
    const config = await configOf(location.href);
    if (!config) return false;
    for (const { id, tilejson } of config.layers) {
      const thing = things.find((t) => t.sourceLayer === id);
      if (thing) map.getSource(thing.name)?.setTiles((await fetched(tilejson)).tiles);
    }
    return true;
  };
}

async function draw(container) {
  const config = JSON.parse(container.dataset.map);
  const { texts } = config;
  if (!canDraw()) {
    container.dataset.state = "unsupported";
    return say(container, texts.noWebgl);
  }
  const reroute = sameOrigin(config.origin);
  const fetched = (url) => json(reroute(new URL(url, location.href).href)?.url ?? url);
  let whole = true;
  const failed = () => {
    whole = false;
    say(container, texts.partial);
  };
  const [library, ground, things] = await Promise.all([
    import(new URL(config.library, location.href)),
    config.basemap ? fetched(config.basemap).catch(failed) : undefined,
    contents(config, fetched, failed),
  ]);
  library.setWorkerUrl(new URL(config.worker, location.href).href);

  const style = ground ?? {
    version: 8,
    sources: {},
    layers: [{ id: "ground", type: "background", paint: { "background-color": GROUND } }],
  };
  for (const thing of things) {
    const attribution = thing.attribution ? escaped(thing.attribution) : undefined;
    style.sources[thing.name] = { ...thing.source, ...(attribution && { attribution }) };
    const layers = styleLayers(thing.name, thing.sourceLayer, thing.colour, things.length > 1 ? FAINT : FILLED);
    thing.styleIds = layers.map((layer) => layer.id);
    style.layers.push(...layers.map((l) => ({ ...l, layout: { ...l.layout, visibility: thing.shown ? "visible" : "none" } })));
  }
  const features = things.find((thing) => thing.box);
  const frame = element("div", { className: "map-canvas" });
  container.append(frame);
  const map = new library.Map({
    container: frame,
    style,
    bounds: camera(config.bounds ?? features?.box),
    fitBoundsOptions: { padding: MARGIN, maxZoom: 16 },
    locale: texts.controls,
    cooperativeGestures: true,
    attributionControl: { compact: true },
    transformRequest: reroute,
    // Text is for the pages' tables: no map asks for glyphs, so no font of the system is read either.
    localIdeographFontFamily: false,
  });
  map.addControl(new library.NavigationControl({ visualizePitch: false }), "top-right");
  map.addControl(new library.FullscreenControl({ container }), "top-right");
  map.addControl(new library.ScaleControl({ unit: "metric" }), "top-left");
  const renewed = renewal(map, things, fetched);
  map.on("error", ({ error }) => renewed(error).then((done) => done || failed(error), failed));
  // A layer whose tiles begin deeper than where it fits would show nothing, and in the middle of where it lies there may be nothing either.
  if (things.length === 1 && map.getZoom() < (things[0].minzoom ?? 0)) {
    const center = await placeOf(things[0], fetched).catch(() => null);
    map.jumpTo({ zoom: things[0].minzoom, ...(center && { center }) });
  }
  const look = () => whole && say(container, tooFar(map, things) ? texts.closer : "");
  map.on("idle", look);
  map.once("idle", () => (container.dataset.state = "ready"));
  readable(library, map, things, texts);
  const titled = things.filter((thing) => thing.title);
  if (titled.length > 1) container.after(legend(map, titled, texts));
  boxFromMap(map);
  window.guichetMap = map;
}

/** The button that fills the form's box with what the map shows. */
function boxFromMap(map) {
  const button = document.querySelector("[data-bbox-from-map]");
  const input = document.querySelector("#bbox");
  if (!button || !input) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const bounds = map.getBounds();
    const wrap = (longitude) => ((((longitude + 180) % 360) + 360) % 360) - 180;
    const wide = bounds.getEast() - bounds.getWest() >= 360;
    const west = wide ? -180 : wrap(bounds.getWest());
    const east = wide ? 180 : wrap(bounds.getEast());
    const side = (value) => Number(value.toFixed(5));
    input.value = [west, Math.max(bounds.getSouth(), -90), east, Math.min(bounds.getNorth(), 90)].map(side).join(",");
    input.focus();
  });
}

for (const container of document.querySelectorAll("[data-map]")) {
  draw(container).catch(() => {
    const { texts } = JSON.parse(container.dataset.map);
    container.dataset.state = "failed";
    say(container, texts.failed);
  });
}
