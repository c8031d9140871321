export const id = 777;
export const ids = [777];
export const modules = {

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


/***/ }),

/***/ 9777:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   openManagement: () => (/* binding */ openManagement)
/* harmony export */ });
/* harmony import */ var _azure_core_rest_pipeline__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6568);
/* harmony import */ var _management_failure_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(942);


function openManagement(options) {
    return new AzureManagement(options);
}
const GRAPH = '/providers/Microsoft.ResourceGraph/resources';
const GRAPH_VERSION = '2022-10-01';
const PAGE_SIZE = 1000;
const REQUEST_TIMEOUT = 60_000;
class AzureManagement {
    #options;
    #endpoint;
    #pipeline;
    #httpClient = (0,_azure_core_rest_pipeline__WEBPACK_IMPORTED_MODULE_0__/* .createDefaultHttpClient */ .fl)();
    #quota;
    #token;
    constructor(options) {
        this.#options = options;
        this.#endpoint = new URL(new URL(options.cloud.armScope).origin);
        this.#quota = new Quota(options.sleep);
        this.#pipeline = (0,_azure_core_rest_pipeline__WEBPACK_IMPORTED_MODULE_0__/* .createPipelineFromOptions */ .Fp)({
            retryOptions: { maxRetries: 0 },
            redirectOptions: { maxRetries: 0 },
            userAgentOptions: { userAgentPrefix: options.userAgent },
        });
        const retry = (0,_azure_core_rest_pipeline__WEBPACK_IMPORTED_MODULE_0__/* .retryPolicy */ .Jb)([asQuotaSays, options.retry], { maxRetries: options.maxRetries });
        this.#pipeline.addPolicy({
            name: 'acrHygieneManagement',
            sendRequest: (request, next) => retry.sendRequest(request, (attempt) => this.#attempt(attempt, next)),
        }, { afterPhase: 'Retry' });
    }
    get(path, apiVersion, question) {
        return this.#ask({ path, apiVersion, question });
    }
    async query(kql, question) {
        const rows = [];
        const seen = new Set();
        let token = '';
        for (;;) {
            const options = { resultFormat: 'objectArray', $top: PAGE_SIZE, ...(token && { $skipToken: token }) };
            const body = { query: kql, options };
            const page = (await this.#ask({ path: GRAPH, apiVersion: GRAPH_VERSION, question, body }));
            if (!Array.isArray(page.data))
                throw (0,_management_failure_js__WEBPACK_IMPORTED_MODULE_1__/* .unreadable */ .O$)(200, question);
            rows.push(...page.data);
            token = page.$skipToken ?? '';
            if (token === '')
                return { rows, cut: isCut(page, rows) };
            if (seen.has(token))
                return { rows, cut: true };
            seen.add(token);
        }
    }
    async #ask(request) {
        const { question } = request;
        const host = this.#endpoint.host;
        const { signal } = this.#options;
        try {
            let response = await this.#send(request);
            if (response.status === 401) {
                this.#token = undefined;
                response = await this.#send(request);
            }
            if (response.status !== 200)
                throw (0,_management_failure_js__WEBPACK_IMPORTED_MODULE_1__/* .refused */ .J5)(response, question);
            return parsed(response, question);
        }
        catch (error) {
            throw (0,_management_failure_js__WEBPACK_IMPORTED_MODULE_1__/* .unanswered */ .bj)(error, { question, host, signal });
        }
    }
    async #send({ path, apiVersion, body }) {
        const url = new URL(path, this.#endpoint);
        if (url.origin !== this.#endpoint.origin)
            throw new Error('a path that leads to another host');
        url.searchParams.set('api-version', apiVersion);
        const { entra, cloud, signal } = this.#options;
        this.#token ??= entra.token(cloud.armScope);
        const authorization = await this.#token.catch((error) => {
            this.#token = undefined;
            throw error;
        });
        const headers = { Authorization: `Bearer ${authorization}`, 'Content-Type': 'application/json' };
        return this.#pipeline.sendRequest(this.#httpClient, (0,_azure_core_rest_pipeline__WEBPACK_IMPORTED_MODULE_0__/* .createPipelineRequest */ .G6)({
            url: url.href,
            method: body === undefined ? 'GET' : 'POST',
            headers: (0,_azure_core_rest_pipeline__WEBPACK_IMPORTED_MODULE_0__/* .createHttpHeaders */ .Nc)(headers),
            abortSignal: signal,
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }));
    }
    async #attempt(request, next) {
        const { signal, onRequest } = this.#options;
        await this.#quota.endOfPause();
        signal.throwIfAborted();
        onRequest();
        request.abortSignal = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT)]);
        try {
            const response = await next(request);
            this.#quota.heed(response);
            return response;
        }
        catch (error) {
            const late = error instanceof Error && error.name === 'AbortError' && !signal.aborted;
            throw late ? new _azure_core_rest_pipeline__WEBPACK_IMPORTED_MODULE_0__/* .RestError */ .pj('no answer in time', { code: 'ETIMEDOUT', request }) : error;
        }
    }
}
function isCut({ resultTruncated, totalRecords = 0 }, rows) {
    return resultTruncated === 'true' || totalRecords > rows.length;
}
function parsed(response, question) {
    try {
        const body = JSON.parse(response.bodyAsText ?? '');
        if (typeof body === 'object' && body !== null)
            return body;
    }
    catch {
    }
    throw (0,_management_failure_js__WEBPACK_IMPORTED_MODULE_1__/* .unreadable */ .O$)(response.status, question);
}
const LONGEST_PAUSE = 120_000;
function quotaResetsAfter(response) {
    const text = response?.headers.get('X-Ms-User-Quota-Resets-After') ?? '';
    const [, hours, minutes, seconds] = /^(\d+):(\d\d):(\d\d)/.exec(text) ?? [];
    if (hours === undefined)
        return undefined;
    const length = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
    return Math.min(length, LONGEST_PAUSE);
}
const asQuotaSays = {
    name: 'asQuotaSays',
    retry: ({ response }) => {
        if (response !== undefined && (0,_management_failure_js__WEBPACK_IMPORTED_MODULE_1__/* .errorIn */ .Kd)(response)?.code === _management_failure_js__WEBPACK_IMPORTED_MODULE_1__/* .TOO_LARGE */ .PH) {
            return { errorToThrow: new _azure_core_rest_pipeline__WEBPACK_IMPORTED_MODULE_0__/* .RestError */ .pj('too large', { response }) };
        }
        const wait = response?.status === 429 ? quotaResetsAfter(response) : undefined;
        if (wait === undefined || response?.headers.get('Retry-After') !== undefined)
            return { skipStrategy: true };
        return { retryAfterInMs: wait };
    },
};
class Quota {
    #sleep;
    #pause;
    constructor(sleep) {
        this.#sleep = sleep;
    }
    async endOfPause() {
        while (this.#pause !== undefined)
            await this.#pause;
    }
    heed(response) {
        const left = response.headers.get('X-Ms-User-Quota-Remaining');
        const length = left === '0' ? quotaResetsAfter(response) : undefined;
        if (length === undefined || this.#pause !== undefined)
            return;
        this.#pause = this.#sleep(length)
            .catch(() => undefined)
            .finally(() => (this.#pause = undefined));
    }
}


/***/ })

};
