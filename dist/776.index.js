export const id = 776;
export const ids = [776];
export const modules = {

/***/ 7776:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  defender: () => (/* binding */ defender)
});

// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/azure/kql.js
var kql = __webpack_require__(5684);
;// CONCATENATED MODULE: ./build/azure/defender-queries.js

const RECORDS = `securityresources
| where type =~ 'microsoft.security/assessments'
| where properties.metadata.recommendationCategory =~ 'SoftwareUpdate'
    and properties.resourceDetails.ResourceType =~ '.containerimage'
    and properties.resourceDetails.Source =~ 'Azure'
| extend image = parse_json(tostring(properties.resourceAdditionalData))
| extend digest = tolower(tostring(image.Digest)), host = tostring(image.RepositoryDetails.RegistryHost)`;
const MOST_CVES = 400;
function recordsOf(host, digests) {
    return `${RECORDS}
| where host =~ ${(0,kql/* literal */.e)(host)} and digest in (${(0,kql/* literals */.v)(digests)})
| extend open = properties.status.code =~ 'Unhealthy', listed = parse_json(tostring(properties.additionalData.CvesDetails)),
    packageFix = tostring(properties.additionalData.FixStatus)
| extend size = iff(open, coalesce(array_length(listed), 0), 0)
| extend shown = iff(size > 0, listed, dynamic([{}]))
| mv-expand cve = shown limit ${MOST_CVES}
| extend cveId = iff(open and isempty(tostring(cve.CveId)), strcat('unnamed in ', tostring(properties.additionalData.SoftwareName)), tostring(cve.CveId)), severity = tolower(tostring(cve.Severity)), fix = tostring(cve.FixStatus)
| extend rank = case(severity == 'critical', 4, severity == 'high', 3, severity == 'medium', 2, severity == 'low', 1, 0),
    fixable = iff(iff(isempty(fix), packageFix, fix) =~ 'FixAvailable', 1, 0)
| summarize rank = max(rank), fixable = max(fixable), largest = max(size) by digest, cveId
| extend cve = iff(isempty(cveId), '', strcat(tostring(rank), ' ', tostring(fixable), ' ', cveId))
| summarize cves = make_set(cve), found = countif(isnotempty(cveId)), largest = max(largest) by digest
| extend truncated = largest > ${MOST_CVES}
| project digest, cves, found, truncated
| order by digest asc`;
}
function anyRecordOf(host) {
    return `${RECORDS}
| where host =~ ${(0,kql/* literal */.e)(host)}
| project digest
| take 1`;
}
function subscriptionOf(host) {
    return `resources
| where type =~ 'microsoft.containerregistry/registries' and properties.loginServer =~ ${(0,kql/* literal */.e)(host)}
| project id, subscriptionId`;
}
const PLANS = `securityresources
| where type =~ 'microsoft.security/pricings' and name =~ 'Containers'
| project id, subscriptionId, tier = tostring(properties.pricingTier), extensions = properties.extensions`;

// EXTERNAL MODULE: ./build/azure/management-failure.js
var management_failure = __webpack_require__(942);
;// CONCATENATED MODULE: ./build/azure/defender.js



function defender(host, management) {
    return {
        async of(digests) {
            const asked = digests.filter((digest) => SHA256.test(digest));
            if (asked.length === 0)
                return unknown('no-record');
            try {
                const azure = await management();
                const images = await recordsIn(asked, (some) => azure.query(recordsOf(host, some), QUESTION));
                return images.size > 0 ? { kind: 'known', images } : await whyNothing(host, azure);
            }
            catch (error) {
                return unknownBecauseOf(error);
            }
        },
    };
}
const SHA256 = /^sha256:[0-9a-f]{64}$/;
const QUESTION = {
    operation: 'ask Microsoft Defender for vulnerabilities',
    role: 'Security Reader on the subscription of the registry',
};
const MOST_DIGESTS = 250;
const AT_A_TIME = 4;
async function recordsIn(digests, ask) {
    const images = new Map();
    const cves = new Map();
    let [left, size, failed] = [digests, MOST_DIGESTS, false];
    const worker = async () => {
        while (left.length > 0 && !failed) {
            const batch = left.slice(0, size);
            left = left.slice(size);
            try {
                const { rows, cut } = await ask(batch);
                for (const [digest, record] of rows.flatMap((row) => recordOf(row, cves)))
                    images.set(digest, cut ? { ...record, truncated: true } : record);
            }
            catch (error) {
                if (!isTooLarge(error) || batch.length === 1) {
                    failed = true;
                    throw error;
                }
                size = Math.min(size, Math.ceil(batch.length / 2));
                left = [...batch, ...left];
            }
        }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, worker));
    return images;
}
function isTooLarge(error) {
    return error instanceof errors/* ManagementError */.QP && error.failure.code === management_failure/* TOO_LARGE */.PH;
}
const BY_RANK = ['unknown', 'low', 'medium', 'high', 'critical'];
function recordOf(row, known) {
    const { digest, cves: listed, found, truncated } = row;
    if (typeof digest !== 'string' || !SHA256.test(digest) || !Array.isArray(listed))
        return [];
    const cves = listed.filter((text) => typeof text === 'string').flatMap((text) => cveOf(text, known));
    const cut = typeof found === 'number' && cves.length < found;
    return [[digest, { cves, truncated: cut || truncated === true || truncated === 1 }]];
}
function cveOf(text, known) {
    const seen = known.get(text);
    if (seen !== undefined)
        return [seen];
    const [, rank, fixable, id] = /^([0-4]) ([01]) (.+)$/s.exec(text) ?? [];
    if (id === undefined)
        return [];
    const cve = { id, severity: BY_RANK[Number(rank)] ?? 'unknown', fixable: fixable === '1' };
    known.set(text, cve);
    return [cve];
}
async function whyNothing(host, azure) {
    const [records, registries, plans] = await Promise.all([
        azure.query(anyRecordOf(host), QUESTION),
        azure.query(subscriptionOf(host), QUESTION),
        azure.query(PLANS, QUESTION),
    ]);
    if (records.rows.length > 0)
        return unknown('no-record');
    const subscriptions = new Set(registries.rows.map(({ subscriptionId }) => subscriptionId));
    const plan = plans.rows.find(({ subscriptionId }) => subscriptions.has(subscriptionId));
    if (plan === undefined)
        return unknown('no-permission');
    if (plan['tier'] !== 'Standard')
        return unknown('plan-off');
    return unknown(scansRegistries(plan['extensions']) ? 'not-scanned' : 'scanning-off');
}
function scansRegistries(extensions) {
    const all = Array.isArray(extensions) ? extensions : [];
    const scanning = all.find(({ name }) => name === 'ContainerRegistriesVulnerabilityAssessments');
    return scanning?.['isEnabled'] !== 'False';
}
function unknownBecauseOf(error) {
    if (error instanceof errors/* ManagementError */.QP)
        return unknown(error.failure.kind === 'permission' ? 'no-permission' : 'failed', error.message);
    if (error instanceof errors/* RegistryError */.gl || error instanceof errors/* StoppedError */.Ko)
        return unknown('failed', error.message);
    throw error;
}
function unknown(reason, detail) {
    return { kind: 'unknown', reason, detail };
}


/***/ }),

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

/***/ 942:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   J5: () => (/* binding */ refused),
/* harmony export */   Kd: () => (/* binding */ errorIn),
/* harmony export */   O$: () => (/* binding */ unreadable),
/* harmony export */   PH: () => (/* binding */ TOO_LARGE),
/* harmony export */   bj: () => (/* binding */ unanswered)
/* harmony export */ });
/* harmony import */ var _azure_core_rest_pipeline__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6568);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9473);


function unanswered(error, { question, host, signal }) {
    if (signal.aborted) {
        const { reason } = signal;
        return reason instanceof Error ? reason : new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .StoppedError */ .Ko('stopped');
    }
    if (!(0,_azure_core_rest_pipeline__WEBPACK_IMPORTED_MODULE_0__/* .isRestError */ .T0)(error))
        return error;
    if (error.response !== undefined)
        return refused(error.response, question);
    const { operation } = question;
    const code = error.code === undefined ? {} : { code: error.code };
    return new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .ManagementError */ .QP({ operation, ...code, ...networkReason(error, host) }, { cause: error });
}
function refused(response, question) {
    const { status, headers } = response;
    const said = errorIn(response);
    const correlationId = headers.get('X-Ms-Correlation-Request-Id');
    return new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .ManagementError */ .QP({
        operation: question.operation,
        status,
        ...(said?.code === undefined ? {} : { code: said.code }),
        ...(correlationId === undefined ? {} : { correlationId }),
        ...answerReason(status, question, said),
    });
}
function unreadable(status, { operation }) {
    const cause = 'the answer cannot be understood.';
    return new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .ManagementError */ .QP({ kind: 'not-json', operation, status, cause, cure: PROXY_CURE });
}
const TOO_LARGE = 'UnexpectedQueryExecutionError';
function errorIn({ bodyAsText }) {
    try {
        const body = JSON.parse(bodyAsText ?? '');
        const error = body?.error;
        const detail = error?.details?.at(-1);
        return { code: textOf(detail?.code ?? error?.code), message: textOf(detail?.message ?? error?.message) };
    }
    catch {
        return undefined;
    }
}
function textOf(value) {
    return typeof value === 'string' ? value.slice(0, 300) : undefined;
}
const NOTHING_READABLE = 'NoValidSubscriptionsInQueryRequest';
function answerReason(status, { role }, said) {
    const quoted = said?.message === undefined ? '' : ` It said: ${said.message}`;
    if (status === 401) {
        return {
            kind: 'credential',
            cause: 'Azure Resource Manager takes no token of this identity.',
            cure: `Check that tenant-id is the tenant of the registry's subscription.${quoted}`,
        };
    }
    if (status === 403 || said?.code === NOTHING_READABLE) {
        return {
            kind: 'permission',
            cause: 'this identity lacks a role for it.',
            cure: `Assign it the role ${role}; a new role takes some minutes.`,
        };
    }
    if (status === 404)
        return { kind: 'not-found', cause: 'there is no such resource.', cure: 'Look again.' };
    if (status === 429) {
        return {
            kind: 'throttled',
            cause: 'Azure was still refusing requests as too many after several pauses.',
            cure: 'Run at another time than other jobs of this identity.',
        };
    }
    if (status === 408 || status >= 500) {
        return {
            kind: 'server',
            cause: `Azure Resource Manager failed several times.${quoted}`,
            cure: 'Run the job again later.',
        };
    }
    return {
        kind: 'server',
        cause: `Azure Resource Manager gave an answer that was not expected.${quoted}`,
        cure: 'Please report this.',
    };
}
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/;
const PROXY_CURE = 'Check what is between this runner and Azure, such as a proxy.';
function networkReason({ code = '' }, host) {
    const kind = 'unreachable';
    if (CERTIFICATE.test(code)) {
        return {
            kind,
            cause: `the certificate of ${host} is not trusted.`,
            cure: 'Behind a proxy with a private CA, set the environment variable NODE_EXTRA_CA_CERTS for the job.',
        };
    }
    return {
        kind,
        cause: `${host} does not answer.`,
        cure: `Allow this runner to reach https://${host}, and check HTTPS_PROXY if it needs a proxy.`,
    };
}


/***/ })

};
