//! What the kinds of error mean that scripts see, and what to do about each, in English and in Chinese.

use super::page::Page;
use crate::error::Kind;

const COLUMN: usize = 12;

/// A kind of error as a text for a terminal.
pub(super) fn page(kind: Kind, width: usize) -> String {
    let Words { meaning, meaning_zh, cure, cure_zh } = words(kind);
    let mut page = Page::new(width);
    page.line(0, &format!("{} — {meaning}", kind.name()));
    page.entry(2, "", COLUMN, meaning_zh);
    page.entry(2, "what to do", COLUMN, cure);
    page.entry(2, "", COLUMN, cure_zh);
    let caught = if kind.ends_the_run() { "no: it ends the run" } else { "yes: try { … } catch (error) { … }" };
    page.entry(2, "caught", COLUMN, caught);
    page.entry(2, "exit code", COLUMN, &kind.exit_code().to_string());
    page.text
}

/// What a kind of error means, and what to do about it.
#[derive(Debug)]
pub struct Words {
    /// What it means.
    pub meaning: &'static str,
    /// The same in Chinese.
    pub meaning_zh: &'static str,
    /// What to do.
    pub cure: &'static str,
    /// The same in Chinese.
    pub cure_zh: &'static str,
}

/// The words for a kind of error.
pub fn words(kind: Kind) -> Words {
    let (meaning, meaning_zh, cure, cure_zh) = match kind {
        Kind::Argument => (
            "a parameter is missing, unknown, of the wrong type or out of range; nothing was sent",
            "参数缺失、未知、类型错误或超出范围；未发出任何请求",
            "correct the field that the message names; `juben doc OPERATION` lists the fields",
            "按提示改正字段；juben doc OPERATION 列出全部字段",
        ),
        Kind::Auth => (
            "the credential was refused, or there is none",
            "凭证被拒绝，或没有凭证",
            "check appid and secret of the account; `juben doctor` tries every account",
            "核对账号的 appid 和 secret；juben doctor 会逐个检查账号",
        ),
        Kind::Conflict => (
            "it cannot be done in the present state",
            "当前状态下无法执行",
            "read the present state first, and do what has to come before",
            "先查询当前状态，完成前置步骤",
        ),
        Kind::NotFound => (
            "what was asked for does not exist",
            "请求的对象不存在",
            "check the id, and that it belongs to the account that asks",
            "核对 id，并确认它属于发起请求的账号",
        ),
        Kind::Refused => (
            "the platform refused for another reason",
            "平台因其他原因拒绝",
            "look the code up: `juben explain CODE --operation OPERATION`",
            "查询错误码：juben explain CODE --operation OPERATION",
        ),
        Kind::Quota => (
            "the quota of the day is used up",
            "当日调用额度已用完",
            "go on tomorrow; call less, with larger pages and batches",
            "明天继续；加大分页和批量以减少调用",
        ),
        Kind::Throttled => (
            "too many calls in a short time",
            "短时间内调用过多",
            "wait a minute; juben paces itself, so another program may use the same account",
            "等待一分钟；juben 会自动限速，可能有其他程序在用同一账号",
        ),
        Kind::Network => (
            "the platform could not be reached, or the connection broke before anything was changed",
            "无法连接平台，或连接在产生改动前中断",
            "check network and proxy with `juben doctor`, then run it again",
            "用 juben doctor 检查网络和代理，然后重新运行",
        ),
        Kind::Server => (
            "the platform failed, or answered something that is no answer",
            "平台出错，或返回了无法识别的内容",
            "try again later; a web page as the answer points to a proxy or a wrong base_url",
            "稍后重试；若返回网页，请检查代理和 base_url",
        ),
        Kind::UnknownOutcome => (
            "a write was sent and its answer was lost: it may or may not have happened",
            "写请求已发出但应答丢失：可能已执行，也可能没有",
            "look at the platform's state, as the hint says, before you repeat it",
            "重试前先按提示查询平台上的实际状态",
        ),
        Kind::TooLarge => (
            "the request or the reply is larger than allowed",
            "请求或应答超过允许的大小",
            "ask for fewer items, send smaller parts, or raise http.max_reply in juben.toml",
            "减少条数或缩小分片，或在 juben.toml 中调大 http.max_reply",
        ),
        Kind::File => (
            "a file cannot be read or written",
            "文件无法读取或写入",
            "check the path and its permissions; a path in a script starts at the script's folder",
            "检查路径和权限；脚本中的相对路径以脚本所在文件夹为准",
        ),
        Kind::Config => (
            "the configuration is wrong or incomplete",
            "配置错误或不完整",
            "correct juben.toml; `juben doctor` looks through all of it",
            "修改 juben.toml；juben doctor 会检查全部配置",
        ),
        Kind::Limit => (
            "a limit of this run was reached: time, steps or memory",
            "达到本次运行的限制：时间、步数或内存",
            "work in smaller pieces, or raise --timeout or [limits] in juben.toml",
            "分批处理，或调大 --timeout 或 juben.toml 中的 [limits]",
        ),
        Kind::Denied => (
            "the run may not do this, or nobody agreed to it; nothing was sent",
            "本次运行无权执行，或未获同意；未发出请求",
            "agree when you are asked, or start the prompt with --yes",
            "出现询问时同意，或用 --yes 启动",
        ),
        Kind::Cancelled => (
            "the user stopped it",
            "用户已停止",
            "run it again; uploads and listings go on where they stopped",
            "重新运行即可；上传和列表会从中断处继续",
        ),
        Kind::Partial => (
            "some items failed and others did not",
            "部分成功，部分失败",
            "read the report, and run it again for those that failed",
            "查看结果报告，只对失败项重新运行",
        ),
        Kind::Replay => (
            "the run asks for something else than its recording has",
            "运行的请求与录制内容不一致",
            "mend the script, or make the recording anew by --record",
            "修改脚本，或用 --record 重新录制",
        ),
        Kind::Script => (
            "the script itself is wrong, or threw a value of its own",
            "脚本自身有误，或抛出了自定义的值",
            "look at the line that the message shows; `juben check FILE` finds more of the kind",
            "查看提示的行；juben check FILE 可发现同类问题",
        ),
        Kind::Assertion => (
            "what an `assert` function of a test states is not so",
            "测试中的断言不成立",
            "the message tells what was found and what was expected",
            "错误信息会指出实际值与期望值",
        ),
        Kind::Usage => (
            "the command line or the text of the script is wrong",
            "命令行或脚本文本有误",
            "`juben --help` and `juben COMMAND --help` show how it is written",
            "juben --help 和 juben COMMAND --help 有用法说明",
        ),
    };
    Words { meaning, meaning_zh, cure, cure_zh }
}
