/** The organisation: its brand, the settings in force, its host names, and what lies below it. */

import {
  changeTenant,
  claimDomain,
  createTenant,
  getCaller,
  getTenant,
  listDomains,
  listTenantsBelow,
  releaseDomain,
} from "../client/administration_api.js";
import { moment } from "../record/words.js";
import { action, openAdministrationPage, openForm } from "./administration.js";
import { element } from "./element.js";
import { field } from "./new_lesson.js";
import { runFromButton } from "./notices.js";
import { panel } from "./page.js";
import { recordRow, recordTable } from "./table.js";

/** A logo is part of the settings, which have a bound. */
const LOGO_BYTES = 60_000;

/**
 * @param {HTMLElement} root @param {string | null} tenantId null: the caller's own
 * @param {boolean} moveFocus
 */
export function openTenantPage(root, tenantId, moveFocus) {
  const open = () =>
    openAdministrationPage(
      root,
      "#/tenant",
      { title: "Organisation", loading: "Fetching the organisation…", moveFocus },
      async (_signal, setTitle) => {
        const tenant = await getTenant(tenantId ?? (await getCaller()).tenant_id);
        const [below, hosts] = await Promise.all([
          listTenantsBelow(tenant.id),
          listDomains(tenant.id),
        ]);
        setTitle(tenant.name);
        return content(tenant, below, hosts, open);
      },
    );
  return open();
}

const content = (tenant, below, hosts, reload) => [
  element(
    "p",
    { class: "lesson-facts" },
    tenant.kind,
    " · ",
    element("span", { class: "record-id" }, tenant.id),
    tenant.parent_id && element("a", { href: `#/tenant/${tenant.parent_id}` }, "One up"),
  ),
  element(
    "div",
    { class: "progress-layout" },
    element(
      "div",
      { class: "briefing-main" },
      panel("Brand", brandForm(tenant, reload)),
      panel("Below it", belowTable(below), newTenantButton(tenant, reload)),
    ),
    element(
      "div",
      { class: "progress-side" },
      panel("Host names", domains(tenant, hosts, reload)),
      panel("In force", settingsInForce(tenant)),
    ),
  ),
];

function brandForm(tenant, reload) {
  const { brand } = tenant.effective;
  const place = element("div");
  const name = element("input", { id: "brand-name", maxlength: "200", value: brand.name ?? "" });
  const primary = colourField("brand-primary", brand.primary_colour);
  const accent = colourField("brand-accent", brand.accent_colour);
  const sender = element("input", {
    id: "brand-sender",
    type: "email",
    value: brand.sender_address ?? "",
  });
  const logo = element("input", {
    id: "brand-logo",
    type: "file",
    accept: "image/png,image/jpeg,image/webp,image/svg+xml",
  });
  const save = element("button", { class: "button button-primary" }, "Save the brand");
  const submit = async () => {
    const change = {
      name: name.value.trim() || null,
      primary_colour: primary.value,
      accent_colour: accent.value,
      sender_address: sender.value.trim() || null,
    };
    if (logo.files.length > 0) change.logo_url = await dataUrl(logo.files[0]);
    await changeTenant(tenant.id, { settings: { brand: change } });
    reload();
  };
  return element(
    "form",
    {
      class: "join-form",
      onsubmit: (event) => {
        event.preventDefault();
        runFromButton(save, place, submit);
      },
    },
    brand.logo_url && element("img", { class: "brand-logo", src: brand.logo_url, alt: "Logo" }),
    field("Name", name),
    element(
      "div",
      { class: "field-pair" },
      field("Main colour", primary),
      field("Second colour", accent),
    ),
    field("Logo", logo, "PNG, JPEG, WebP or SVG, up to 60 kB."),
    field("E-mail is sent from", sender),
    place,
    element("div", {}, save),
  );
}

const colourField = (id, value) => element("input", { id, type: "color", value });

/** @param {File} file @returns {Promise<string>} */
function dataUrl(file) {
  if (file.size > LOGO_BYTES) throw new Error("The logo is larger than 60 kB. Use a smaller one.");
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

const belowTable = (below) =>
  below.length === 0
    ? element("p", { class: "help" }, "Nothing yet: schools, classes, whatever the tree needs.")
    : recordTable(
        "Organisations below",
        ["Name", "Kind", "Since"],
        below.map((one) =>
          recordRow(
            element("a", { class: "record-name", href: `#/tenant/${one.id}` }, one.name),
            one.kind,
            moment(one.created_at),
          ),
        ),
      );

function newTenantButton(parent, reload) {
  const openNew = () => {
    const name = element("input", { id: "tenant-name", required: true, maxlength: "200" });
    const attributes = { id: "tenant-kind", required: true, maxlength: "50", value: "school" };
    const kind = element("input", attributes);
    openForm({
      title: `Below ${parent.name}`,
      confirm: "Add it",
      fields: [field("Name", name), field("Kind", kind, "School, class: in your own words.")],
      submit: async () => {
        const json = { name: name.value.trim(), kind: kind.value.trim(), parent_id: parent.id };
        await createTenant(json);
        reload();
      },
    });
  };
  return element("p", {}, action("Add one below", openNew, "button-small"));
}

function domains(tenant, hosts, reload) {
  const place = element("div");
  const host = element("input", {
    id: "domain",
    required: true,
    placeholder: "learn.school.example",
    "aria-label": "Host name",
  });
  const claim = element("button", { class: "button" }, "Add");
  return element(
    "div",
    { class: "join-form" },
    element(
      "p",
      { class: "help" },
      "Whoever opens the console at one of these sees this brand. Point the name's DNS here first.",
    ),
    element(
      "ul",
      { class: "people" },
      ...hosts.map((one) => {
        const remove = action(
          "Remove",
          () =>
            runFromButton(remove, place, async () => {
              await releaseDomain(tenant.id, one);
              reload();
            }),
          "button-small",
        );
        return element("li", { class: "person" }, one, remove);
      }),
    ),
    element(
      "form",
      {
        class: "field-with-button",
        onsubmit: (event) => {
          event.preventDefault();
          runFromButton(claim, place, async () => {
            await claimDomain(tenant.id, host.value.trim().toLowerCase());
            reload();
          });
        },
      },
      host,
      claim,
    ),
    place,
  );
}

/** Settings as they hold; those of its own are set apart from what came from above. */
function settingsInForce({ settings: own, effective, parent_id: parentId }) {
  const { brand: _shown, sign_in: signIn, ...rest } = effective;
  const origin = parentId === null ? "default" : "inherited";
  const rows = Object.entries({ ...rest, sign_in: { issuer: signIn.issuer } }).flatMap(rowsOf(own));
  return element(
    "dl",
    { class: "facts facts-split" },
    ...rows.flatMap(([name, value, mine]) => [
      element("dt", {}, name.replaceAll("_", " ")),
      element(
        "dd",
        {},
        mine === undefined
          ? element("span", { title: origin }, valueOf(name, value))
          : element("strong", { title: "set here" }, valueOf(name, value)),
      ),
    ]),
  );
}

/** Groups become rows of their own: name, value, and what the tenant itself has set. */
const rowsOf =
  (own) =>
  ([name, value]) => {
    const isGroup = value !== null && typeof value === "object" && !Array.isArray(value);
    if (!isGroup) return [[name, value, own[name]]];
    return Object.entries(value).map(([inner, one]) => [
      `${name}, ${inner.replace(/_days$/, "")}`,
      inner.endsWith("_days") && one !== null ? `${one} days` : one,
      own[name]?.[inner],
    ]);
  };

/** An empty list of what is allowed allows everything; one of what is asked asks nothing. */
function valueOf(name, value) {
  if (Array.isArray(value) && value.length > 0) return value.join(", ");
  if (Array.isArray(value) || value === null) {
    return ["languages", "engines_allowed"].includes(name) ? "any" : "none";
  }
  return typeof value === "boolean" ? (value ? "on" : "off") : String(value);
}
