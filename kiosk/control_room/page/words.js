// Everything the page says, in both languages.

const WORDS = {
  zh: {
    title: "自助终端 总览", skip: "跳到终端列表", language: "English", dark: "深色", light: "浅色",
    map: "各区市", sketch: "示意图：不是行政区划界线；终端位置未经勘测，按所在街镇虚拟排布。",
    availability: "可用率", day: "24 小时", month: "30 天", intents: "未了结的业务", ratings: "好差评（30 天）",
    supplies: "最先用完的耗材", list: "终端", search: "查找编号或地点", district: "区市", order: "排序", onlyIntents: "只看有未了结业务的",
    all: "全部", ok: "正常", attention: "需留意", fault: "故障", offline: "离线", silent: "无心跳", closed: "停用", unknown: "未知",
    "given-up": "程序已停，不再自动重启", open: "开放", visit: "办理中", maintenance: "维护中", starting: "启动中",
    byState: "先看要处理的", byName: "按编号", byDay: "可用率低的在前", byHeard: "最久没有消息的在前",
    state: "状态", terminal: "终端", place: "地点", matter: "情况", services: "可办事项", heard: "最近消息", more: "再显示 {n} 台",
    count: "{n} 台，共 {all} 台", allDistricts: "全部区市", intentsNow: "笔", intentsAt: "在 {n} 台终端上", showThem: "查看这些终端", noIntents: "没有，钱款都已结清。",
    mean: "平均 {n} 星，{all} 次评价", noRatings: "还没有评价。", star: "{n} 星", visits: "今日办理 {n} 人次",
    ends: "{t}后", now: "已用完", soon: "随时会用完", low: "将用完", trend: "按三天用量推算", noSupplies: "没有快用完的耗材。",
    s: "{n} 秒", min: "{n} 分钟", h: "{n} 小时", d: "{n} 天", ago: "{t}前", updated: "{t}更新", stale: "总览没有回应，下面是 {t} 的情况。请检查网络和服务。",
    paper: "凭条纸", sheets: "证照纸", toner: "墨粉", forms: "空白证照", m: "米", sheetsUnit: "张", percent: "%", level: "",
    back: "← 全部终端", software: "版本", since: "此状态起于", first: "首次出现", seq: "消息序号", sections: "自检", events: "最近事件", left: "还剩", endsAt: "预计用完",
    week: "近七天", absent: "本机没有", metrics: "全部指标", when: "时间", event: "事件", kind: "类别", device: "设备", detail: "内容", class_money: "钱款", class_device: "设备", class_visit: "办事", class_technician: "维护", class_telemetry: "遥测", over: "已恢复", info: "一般", alarm: "紧急",
    technician: "技术员", ownSupplies: "耗材", odd_gaps: "心跳缺号", odd_unborn: "未先报到", odd_old_wills: "旧的离线通知", odd_old_data: "重复心跳", odd_dropped_heartbeats: "来不及处理的心跳", odd_rebirths_asked: "请求重新报到", odd_too_many: "终端过多", who: "谁来处理", citizen: "办事群众", attendant: "大厅人员", vendor: "厂家", platform: "平台", noEvents: "还没有事件。", notFound: "没有听说过这台终端。", room: "最近写入 {t}。", odd: "未能使用的消息：{list}。", never: "还没有收到过消息。",
    bundles: "支持包", file: "文件", size: "大小", hands: "下载", taken: "{n} 次，最近 {t}（{who}）", notTaken: "还没有人下载",
    filter: "按状态筛选", areaSays: "{name}：{n} 台，{bad} 台要处理",
  },
  en: {
    title: "Kiosks: control room", skip: "To the list of terminals", language: "中文", dark: "Dark", light: "Light",
    map: "Districts", sketch: "A sketch, not boundaries. Nobody has surveyed the places: terminals are drawn around an invented point of their township.",
    availability: "Availability", day: "24 hours", month: "30 days", intents: "Not yet settled", ratings: "Ratings, 30 days",
    supplies: "Running out soonest", list: "Terminals", search: "Number or place", district: "District", order: "Order", onlyIntents: "Only with something not settled",
    all: "All", ok: "In order", attention: "Attention", fault: "Fault", offline: "Offline", silent: "Silent", closed: "Closed", unknown: "Not known",
    "given-up": "given up: not started again", open: "open", visit: "in a visit", maintenance: "maintenance", starting: "starting",
    byState: "What needs somebody first", byName: "By number", byDay: "Least available first", byHeard: "Longest silent first",
    state: "State", terminal: "Terminal", place: "Place", matter: "What is the matter", services: "Services", heard: "Last heard", more: "Show {n} more",
    count: "{n} of {all}", allDistricts: "All districts", intentsNow: "open", intentsAt: "(terminals: {n})", showThem: "Show these terminals", noIntents: "None: all money is settled.",
    mean: "{n} stars on average, {all} ratings", noRatings: "No ratings yet.", star: "{n} stars", visits: "{n} visits today",
    ends: "in {t}", now: "used up", soon: "any time now", low: "nearly used up", trend: "by the use of three days", noSupplies: "Nothing is about to run out.",
    s: "{n} s", min: "{n} min", h: "{n} h", d: "{n} d", ago: "{t} ago", updated: "updated {t}", stale: "The control room does not answer. This is how it was {t}. Check the network and the service.",
    paper: "receipt paper", sheets: "certificate paper", toner: "toner", forms: "blank certificates", m: " m", sheetsUnit: " sheets", percent: " %", level: "",
    back: "← All terminals", software: "Version", since: "In this state since", first: "First heard", seq: "Message number", sections: "Own checks", events: "Latest events", left: "Left", endsAt: "Will end",
    week: "Seven days", absent: "not fitted", metrics: "All metrics", when: "When", event: "Event", kind: "Kind", device: "Device", detail: "Detail", class_money: "money", class_device: "device", class_visit: "visit", class_technician: "technician", class_telemetry: "telemetry", over: "over", info: "info", alarm: "alarm",
    technician: "technician", ownSupplies: "Supplies", odd_gaps: "gaps in heartbeats", odd_unborn: "heartbeats before a birth", odd_old_wills: "wills of old sessions", odd_old_data: "heartbeats again", odd_dropped_heartbeats: "heartbeats with no time for them", odd_rebirths_asked: "rebirths asked for", odd_too_many: "too many terminals", who: "Who", citizen: "citizen", attendant: "attendant", vendor: "vendor", platform: "platform", noEvents: "No events yet.", notFound: "Nobody has heard of this terminal.", room: "Last written {t}.", odd: "Messages that could not be used: {list}.", never: "Nothing has been heard yet.",
    bundles: "Support bundles", file: "File", size: "Size", hands: "Downloaded", taken: "{n} times, last {t} ({who})", notTaken: "by nobody yet",
    filter: "Filter by state", areaSays: "{name}: {n} terminals, {bad} need somebody",
  },
};

const kept = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
export const keep = (name, value) => { try { localStorage.setItem(name, value); } catch { /* a private window keeps nothing */ } };

export const page = {
  language: kept("language") ?? (navigator.language.startsWith("en") ? "en" : "zh"),
  theme: kept("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"),
};

export function say(key, values = {}) {
  const words = WORDS[page.language][key] ?? key;
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export const of = (row, name = "") => row[name ? `${name}_${page.language}` : page.language] || row[name ? `${name}_zh` : "zh"];

export function span(seconds) {
  if (seconds < 90) return say("s", { n: Math.max(0, Math.round(seconds)) });
  if (seconds < 5400) return say("min", { n: Math.round(seconds / 60) });
  if (seconds < 129600) return say("h", { n: Math.round(seconds / 3600) });
  return say("d", { n: Math.round(seconds / 86400) });
}

export const ago = (seconds) => say("ago", { t: span(seconds) });

export function time(iso) {
  if (!iso) return "";
  return new Intl.DateTimeFormat(page.language === "zh" ? "zh-CN" : "en-GB", { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", year: new Date(iso).getFullYear() === new Date().getFullYear() ? undefined : "numeric", timeZone: "Asia/Shanghai" }).format(new Date(iso));
}

export const share = (value) => (value === null || value === undefined ? "–" : `${(Math.floor(value * 1000) / 10).toFixed(1)} %`);
export const amount = (left, unit) => (unit === "level" ? "" : `${left}${say(unit === "sheets" ? "sheetsUnit" : unit)}`);
