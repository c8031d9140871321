export const id = 521;
export const ids = [521];
export const modules = {

/***/ 5684:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   e: () => (/* binding */ literal),
/* harmony export */   v: () => (/* binding */ literals)
/* harmony export */ });
const HARMLESS = /^[A-Za-z0-9._:/@+=[\]-]+$/;
function literal(text) {
    if (!HARMLESS.test(text))
        throw new Error('a text that must not stand in a query');
    return `'${text}'`;
}
function literals(texts) {
    return texts.map(literal).join(',');
}


/***/ }),

/***/ 4521:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  neighbourhoodOf: () => (/* binding */ neighbourhoodOf)
});

;// CONCATENATED MODULE: ./build/azure/decode.js
function field(value, ...names) {
    let inner = value;
    for (const name of names) {
        if (typeof inner !== 'object' || inner === null)
            return undefined;
        inner = inner[name];
    }
    return inner;
}
function list(value, ...names) {
    const inner = field(value, ...names);
    return Array.isArray(inner) ? inner : [];
}
function decode_text(value, ...names) {
    const inner = field(value, ...names);
    return typeof inner === 'string' && inner !== '' ? inner : undefined;
}
function number(value, ...names) {
    const inner = field(value, ...names);
    return typeof inner === 'number' && Number.isFinite(inner) ? inner : undefined;
}

;// CONCATENATED MODULE: ./build/azure/collection.js

const MOST_PAGES = 50;
async function itemsOf(management, { path, apiVersion, question }) {
    const items = [];
    let next = path;
    for (let page = 0; next !== undefined && page < MOST_PAGES; page += 1) {
        const answer = await management.get(next, apiVersion, question);
        items.push(...list(answer, 'value'));
        next = localPart(decode_text(answer, 'nextLink'));
    }
    return items;
}
function localPart(address) {
    if (address === undefined || !URL.canParse(address))
        return undefined;
    const { pathname, search } = new URL(address);
    return `${pathname}${search}`;
}

;// CONCATENATED MODULE: ./build/azure/cache-rules.js


const VERSION = '2025-11-01';
async function cacheRulesOf({ id }, management) {
    const rules = await itemsOf(management, {
        path: `${id}/cacheRules`,
        apiVersion: VERSION,
        question: {
            operation: 'list the cache rules of the registry',
            role: 'Reader, or Container Registry Cache Rule Reader, on the registry',
        },
    });
    return rules.flatMap((rule) => {
        const target = decode_text(rule, 'properties', 'targetRepository');
        return target === undefined ? [] : [{ name: decode_text(rule, 'name') ?? '', target }];
    });
}

// EXTERNAL MODULE: ./node_modules/p-map/index.js
var p_map = __webpack_require__(606);
// EXTERNAL MODULE: ./build/domain/count.js
var count = __webpack_require__(6690);
// EXTERNAL MODULE: ./build/domain/deployment.js
var deployment = __webpack_require__(6106);
// EXTERNAL MODULE: ./build/domain/login-server.js
var login_server = __webpack_require__(1210);
// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/azure/kql.js
var kql = __webpack_require__(5684);
;// CONCATENATED MODULE: ./build/azure/unread.js

function isTransient(error) {
    const failed = error instanceof errors/* ManagementError */.QP || error instanceof errors/* RegistryError */.gl;
    return failed && ['server', 'throttled', 'unreachable', 'not-json'].includes(error.failure.kind);
}
function whyUnread(error) {
    const expected = error instanceof errors/* ManagementError */.QP || error instanceof errors/* RegistryError */.gl || error instanceof errors/* StoppedError */.Ko;
    if (expected)
        return error.message;
    throw error;
}

// EXTERNAL MODULE: external "node:buffer"
var external_node_buffer_ = __webpack_require__(4573);
;// CONCATENATED MODULE: ./build/azure/workload.js


const APP = 'microsoft.app/containerapps';
const JOB = 'microsoft.app/jobs';
const GROUP = 'microsoft.containerinstance/containergroups';
const SITE = 'microsoft.web/sites';
const SLOT = 'microsoft.web/sites/slots';
const WORKLOAD_TYPES = [APP, JOB, GROUP, SITE, SLOT];
const NOUN = {
    [APP]: 'container app',
    [JOB]: 'container app job',
    [GROUP]: 'container instances',
};
function workloadName(row) {
    const [, name = '', , slot] = (decode_text(row, 'id') ?? '').split('/providers/').at(-1)?.split('/').slice(1) ?? [];
    const site = /functionapp/i.test(decode_text(row, 'kind') ?? '') ? 'function app' : 'web app';
    return `${NOUN[typeOf(row)] ?? site} ${name}${slot === undefined ? '' : `, slot ${slot}`}`;
}
function isSite(row) {
    return [SITE, SLOT].includes(typeOf(row));
}
function typeOf(row) {
    return decode_text(row, 'type')?.toLowerCase() ?? '';
}
function imagesIn(row) {
    return [
        ...templateImages(field(row, 'template')),
        ...[...list(row, 'containers'), ...list(row, 'initContainers')].flatMap(groupImages),
        ...versionsOf(row).flatMap(imagesOfVersion),
    ];
}
function templateImages(template) {
    const containers = [...list(template, 'containers'), ...list(template, 'initContainers')];
    return containers.flatMap((container) => decode_text(container, 'image') ?? []);
}
function groupImages(container) {
    const image = decode_text(container, 'properties', 'image');
    return image === undefined ? [] : [image];
}
function versionsOf(row) {
    return list(row, 'site')
        .filter((property) => /^(?:Linux|Windows)FxVersion$/i.test(decode_text(property, 'name') ?? ''))
        .flatMap((property) => decode_text(property, 'value') ?? []);
}
function imagesOfVersion(version) {
    const bar = version.indexOf('|');
    const [kind, value] = [version.slice(0, bar).toUpperCase(), version.slice(bar + 1)];
    if (kind === 'DOCKER')
        return [value];
    if (kind !== 'COMPOSE' && kind !== 'KUBE')
        return [];
    const file = external_node_buffer_.Buffer.from(value, 'base64').toString('utf8');
    return [...file.matchAll(/^[\s-]*image:\s*["']?([^\s"']+)/gim)].flatMap(([, image]) => image ?? []);
}
const SAFE_ID = /^\/subscriptions\/[^?#\s]+$/i;
function mayRunOlder(row) {
    return decode_text(row, 'revisions')?.toLowerCase() !== 'single' || decode_text(row, 'latest') !== decode_text(row, 'ready');
}
function innerPartOf(row) {
    const id = decode_text(row, 'id');
    if (id === undefined || !SAFE_ID.test(id))
        return undefined;
    const name = workloadName(row);
    if (typeOf(row) === APP && mayRunOlder(row)) {
        return {
            name,
            path: `${id}/revisions`,
            apiVersion: '2024-03-01',
            what: 'the revisions of container apps',
            imagesOf: (revision) => field(revision, 'properties', 'active') === true
                ? templateImages(field(revision, 'properties', 'template'))
                : [],
        };
    }
    if (versionsOf(row).some((version) => version.toLowerCase() === 'sitecontainers')) {
        return {
            name,
            path: `${id}/sitecontainers`,
            apiVersion: '2024-04-01',
            what: 'the sidecars of web apps',
            imagesOf: groupImages,
        };
    }
    return undefined;
}

;// CONCATENATED MODULE: ./build/azure/deployed.js










const MOST_INNER_PARTS = 200;
const AT_A_TIME = 8;
async function deployedBy(host, management) {
    const [found, seen] = await Promise.all([
        management.query(workloadsQuery(host), QUESTION),
        seenBy(management),
    ]);
    const inner = await innerWorkloads(found.rows, management);
    return {
        kind: 'checked',
        deployments: (0,deployment/* deploymentsOn */.oK)(host, [...found.rows.flatMap(workloadsOf), ...inner.workloads]),
        seen,
        gaps: [
            ...(found.cut ? ['Azure has more workloads than it told of.'] : []),
            ...hiddenImages(found.rows),
            ...inner.gaps,
        ],
        transient: found.cut || inner.failed,
    };
}
const QUESTION = {
    operation: 'ask Azure Resource Graph what runs',
    role: 'Reader on the subscriptions with the workloads',
};
const OF_ANY_TYPE = `resources | where type in~ (${(0,kql/* literals */.v)(WORKLOAD_TYPES)})`;
async function seenBy(management) {
    try {
        const { rows } = await management.query(`${OF_ANY_TYPE} | summarize seen=count()`, QUESTION);
        return number(rows[0], 'seen');
    }
    catch (error) {
        whyUnread(error);
        return undefined;
    }
}
function workloadsQuery(host) {
    const [label = ''] = (0,login_server/* registryHost */.U$)(host).split('.');
    return `${OF_ANY_TYPE}
| extend images = strcat(tostring(properties.template), tostring(properties.containers), tostring(properties.initContainers), tostring(properties.siteProperties))
| extend revisions = tostring(properties.configuration.activeRevisionsMode), latest = tostring(properties.latestRevisionName), ready = tostring(properties.latestReadyRevisionName)
| where images contains ${(0,kql/* literal */.e)(`${label}.`)} or images contains 'COMPOSE|' or images contains 'KUBE|' or images contains 'sitecontainers'
    or (type =~ 'microsoft.app/containerapps' and (revisions !~ 'Single' or latest != ready)) or (type startswith 'microsoft.web/' and kind contains 'container' and isnull(properties.siteProperties.properties))
| project id, type, kind, revisions, latest, ready, template=properties.template, containers=properties.containers, initContainers=properties.initContainers, site=properties.siteProperties.properties
| order by id asc`;
}
function workloadsOf(row) {
    const name = workloadName(row);
    return imagesIn(row).map((image) => ({ name, image }));
}
async function innerWorkloads(rows, management) {
    const parts = rows.flatMap((row) => innerPartOf(row) ?? []);
    const workloads = [];
    let [unread, failed, why] = [0, false, ''];
    const read = async (part) => {
        try {
            if (!failed)
                workloads.push(...(await innerImages(part, management)));
            else
                unread += 1;
        }
        catch (error) {
            why ||= whyUnread(error);
            unread += 1;
            failed ||= !(error instanceof errors/* ManagementError */.QP && error.failure.kind === 'permission');
        }
    };
    await (0,p_map/* default */.Ay)(parts.slice(0, MOST_INNER_PARTS), read, { concurrency: AT_A_TIME });
    const left = unread + Math.max(0, parts.length - MOST_INNER_PARTS);
    const apps = (0,count/* counted */.h)(left, 'app with several revisions or sidecars was', 'apps with several revisions or sidecars were');
    return { workloads, failed, gaps: left === 0 ? [] : [`${apps} not looked into. ${why}`.trim()] };
}
async function innerImages(part, management) {
    const { name, path, apiVersion, imagesOf } = part;
    const question = { operation: `read what ${part.what} run`, role: QUESTION.role };
    try {
        const items = await itemsOf(management, { path, apiVersion, question });
        return items.flatMap(imagesOf).map((image) => ({ name, image }));
    }
    catch (error) {
        if (error instanceof errors/* ManagementError */.QP && error.failure.kind === 'not-found')
            return [];
        throw error;
    }
}
function hiddenImages(rows) {
    const hidden = rows.filter((row) => isSite(row) && list(row, 'site').length === 0);
    return hidden.length === 0
        ? []
        : [`Azure Resource Graph does not tell the image of ${(0,count/* counted */.h)(hidden.length, 'site')}.`];
}

;// CONCATENATED MODULE: ./build/azure/registry-resource.js



const ID = /^\/subscriptions\/[\w-]+\/resourceGroups\/[^/?#\s]+\/providers\/Microsoft\.ContainerRegistry\/registries\/\w+$/i;
async function findRegistry(host, management) {
    const { rows } = await management.query(`resources
| where type =~ 'microsoft.containerregistry/registries' and properties.loginServer =~ ${(0,kql/* literal */.e)((0,login_server/* registryHost */.U$)(host))}
| project id, name, subscriptionId, sku=sku.name, policies=properties.policies, roleMode=properties.roleAssignmentMode, admin=properties.adminUserEnabled, access=properties.publicNetworkAccess, otherNetworks=properties.networkRuleSet.defaultAction
| order by id asc`, { operation: 'find the registry in Azure Resource Graph', role: 'Reader on the registry' });
    const [row] = rows;
    const id = decode_text(row, 'id');
    return row === undefined || id === undefined || !ID.test(id) ? undefined : { id, row };
}

;// CONCATENATED MODULE: ./build/domain/purge-task.js
const PURGE = /\bacr(?:-cli[\w.:@-]{0,200})?\s+purge\b/;
const LONGEST_TASK = 200_000;
function purgeCommandsIn(steps) {
    const lines = steps
        .slice(0, LONGEST_TASK)
        .split(/\r?\n/)
        .filter((line) => !/^\s*#/.test(line));
    const text = lines.map((line) => (/^\s*(?:- |\w+:)/.test(line) ? `\n${line}` : ` ${line}`)).join('');
    const commands = text.split('\n').flatMap((command) => command.split(PURGE).slice(1).map(commandOf));
    return [...new Map(commands.map((command) => [JSON.stringify(command), command])).values()];
}
function commandOf(flags) {
    const has = (flag) => new RegExp(`(?:^|\\s)--${flag}(?:=(?:true|TRUE|True|1|t|T))?(?=\\s|$|["'\`;&|])`).test(flags);
    const hasAge = /(?:^|\s)--ago[=\s]["']?(?:\d*[1-9]\d*d|(?:\d+d)?\d*[1-9]\d*(?:\.\d+)?[hms])/.test(flags);
    return {
        deletes: has('untagged') || has('untagged-only') ? 'manifests' : 'tags',
        dryRun: has('dry-run'),
        includesLocked: has('include-locked'),
        hasAge,
    };
}

;// CONCATENATED MODULE: ./build/azure/registry-settings.js





const PREVIEW_VERSION = '2025-05-01-preview';
const STABLE_VERSION = '2025-11-01';
const TASKS_VERSION = '2019-06-01-preview';
async function settingsOf(resource, management) {
    const { row } = resource;
    const [hidden, storage, tasks] = await Promise.all([
        hiddenInGraph(resource, management),
        orUnread(storageOf(resource, management)),
        orUnread(tasksOf(resource, management)),
    ]);
    const admin = field(row, 'admin');
    return {
        name: decode_text(row, 'name') ?? '',
        subscriptionId: decode_text(row, 'subscriptionId') ?? '',
        sku: decode_text(row, 'sku'),
        roleMode: decode_text(row, 'roleMode') ?? hidden.roleMode,
        retention: dayPolicy(field(row, 'policies', 'retentionPolicy'), 'days'),
        softDelete: hidden.softDelete,
        adminUser: typeof admin === 'boolean' ? admin : undefined,
        network: networkOf(decode_text(row, 'access'), decode_text(row, 'otherNetworks')),
        storage,
        tasks,
    };
}
function dayPolicy(policy, days) {
    const status = decode_text(policy, 'status');
    return status === undefined
        ? undefined
        : { enabled: status.toLowerCase() === 'enabled', days: number(policy, days) ?? 7 };
}
function networkOf(access, others) {
    if (access?.toLowerCase() === 'disabled')
        return 'private';
    if (others?.toLowerCase() === 'deny')
        return 'selected';
    return access === undefined ? undefined : 'all';
}
async function hiddenInGraph({ id, row }, management) {
    const shown = dayPolicy(field(row, 'policies', 'softDeletePolicy'), 'retentionDays');
    if (shown !== undefined && decode_text(row, 'roleMode') !== undefined)
        return { roleMode: undefined, softDelete: shown };
    const read = await orUnread(management.get(id, PREVIEW_VERSION, question('read the registry')));
    if (isFailed(read))
        return { roleMode: undefined, softDelete: shown ?? read };
    const policy = dayPolicy(field(read, 'properties', 'policies', 'softDeletePolicy'), 'retentionDays');
    return {
        roleMode: decode_text(read, 'properties', 'roleAssignmentMode'),
        softDelete: shown ?? policy ?? { unread: 'Azure does not show it.' },
    };
}
async function storageOf({ id }, management) {
    const answer = await management.get(`${id}/listUsages`, STABLE_VERSION, question('read the usage of the registry'));
    const size = list(answer, 'value').find((usage) => decode_text(usage, 'name')?.toLowerCase() === 'size');
    const [used, limit] = [number(size, 'currentValue'), number(size, 'limit')];
    return used === undefined || limit === undefined ? { unread: 'Azure does not show it.' } : { used, limit };
}
async function tasksOf({ id }, management) {
    const tasks = await itemsOf(management, {
        path: `${id}/tasks`,
        apiVersion: TASKS_VERSION,
        question: question('list the tasks of the registry'),
    });
    return tasks.map(taskOf);
}
function taskOf(task) {
    const timers = list(task, 'properties', 'trigger', 'timerTriggers').filter(isOn);
    return {
        name: decode_text(task, 'name') ?? '',
        enabled: isOn(field(task, 'properties')),
        schedules: timers.flatMap((timer) => decode_text(timer, 'schedule') ?? []),
        purges: purgesOf(field(task, 'properties', 'step')),
    };
}
function isOn(trigger) {
    return decode_text(trigger, 'status')?.toLowerCase() !== 'disabled';
}
function purgesOf(step) {
    const content = decode_text(step, 'encodedTaskContent');
    if (content !== undefined)
        return purgeCommandsIn(external_node_buffer_.Buffer.from(content, 'base64').toString('utf8'));
    return decode_text(step, 'type')?.toLowerCase() === 'filetask' ? undefined : [];
}
function question(operation) {
    return { operation, role: 'Reader on the registry' };
}
async function orUnread(reading) {
    try {
        return await reading;
    }
    catch (error) {
        return { unread: whyUnread(error) };
    }
}
function isFailed(read) {
    return decode_text(read, 'unread') !== undefined;
}

;// CONCATENATED MODULE: ./build/azure/neighbourhood.js





function neighbourhoodOf(host, management) {
    let found;
    const registry = () => (found ??= findRegistry(host, management));
    return {
        deployed: () => deployedBy(host, management).catch((error) => ({
            kind: 'unchecked',
            why: whyUnread(error),
            transient: isTransient(error),
        })),
        async audit() {
            try {
                const resource = await registry();
                return resource === undefined
                    ? { kind: 'unread', why: notFound(host) }
                    : { kind: 'read', settings: await settingsOf(resource, management) };
            }
            catch (error) {
                return { kind: 'unread', why: whyUnread(error) };
            }
        },
        async cacheRules() {
            try {
                const resource = await registry();
                return resource === undefined ? [] : await cacheRulesOf(resource, management);
            }
            catch (error) {
                whyUnread(error);
                return [];
            }
        },
    };
}
function notFound(host) {
    return (`Azure shows this identity no registry with the login server ${host}. Assign it the role Reader on the registry; a ` +
        'new role takes some minutes.');
}


/***/ })

};
