//! `sheet::`: what a person keeps in a spreadsheet comes into a script as it is, and goes back without losing a digit.

use crate::script::{Script, Server};
use juben::{
    Error,
    error::Kind,
    helpers::sheet::{self, Form},
};
use proptest::prelude::*;
use rhai::{Array, Dynamic, Map};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError};
use std::{
    io::{Cursor, Read, Write},
    sync::Arc,
};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

/// A file as another program makes it.
fn book(fill: impl FnOnce(&mut Worksheet) -> Result<&mut Worksheet, XlsxError>) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet()).unwrap();
    book.save_to_buffer().unwrap()
}

/// The same file with other text in its sheet.
fn edited(file: &[u8], old: &str, new: &str) -> Vec<u8> {
    let mut from = ZipArchive::new(Cursor::new(file)).unwrap();
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    let mut seen = 0;
    for index in 0..from.len() {
        let mut part = from.by_index(index).unwrap();
        to.start_file(part.name().unwrap(), SimpleFileOptions::default()).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        seen += text.matches(old).count();
        to.write_all(text.replace(old, new).as_bytes()).unwrap();
    }
    assert_eq!(seen, 1, "{old} must be there, once");
    to.finish().unwrap().into_inner()
}

fn read(file: &[u8]) -> Result<Array, Error> {
    sheet::read(file, &Form::default())
}

fn as_json(rows: Array) -> String {
    juben::client::encode(&rows.into()).unwrap()
}

#[track_caller]
fn refused(file: &[u8]) -> String {
    let error = read(file).unwrap_err();
    assert_eq!(error.kind, Kind::File);
    assert!(error.hint.is_some(), "{error}");
    error.message.clone()
}

/// A script beside a file, which is made of these bytes.
fn beside(file: &[u8], text: &str) -> (tempfile::TempDir, Script) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("media.xlsx");
    std::fs::write(&path, file).unwrap();
    let script = Script::new(&text.replace("FILE", &path.display().to_string()));
    (folder, script)
}

#[test]
fn rows_come_back_as_they_were_written() {
    let script = r#"
        let rows = [
            #{
                title: "闪婚老公竟是首富", id: 6921234567890123456, days: -30, share: 0.125, paid: true,
                code: "007", note: "=1+1"
            },
            #{
                title: " two\nlines, \"quoted\" & <b> ", id: 999999999999999, days: 0, share: 2.5, paid: false,
                code: "1e5", note: ()
            }
        ];
        sheet::write("media.xlsx", rows);
        rows[1].note = "";
        rows[0].id = "6921234567890123456";
        let again = sheet::read("media.xlsx");
        if again != rows { throw again; }
        sheet::read("media.xlsx", #{ ints: ["id"] })[0].id
    "#;
    Script::new(script).returns("6921234567890123456");
}

#[test]
fn maps_are_json_and_secrets_are_dots_in_a_cell() {
    let script = r#"
        let secret = platform::get_access_token(#{ grant_type: "client_credential" }).access_token;
        sheet::write("all.xlsx", [#{ secret: secret, list: [1, 2], map: #{ a: "剧" } }]);
        sheet::read("all.xlsx")
    "#;
    Script::new(script).returns(r#"[{"list":"[1,2]","map":"{\"a\":\"剧\"}","secret":"••••"}]"#);
}

#[test]
fn a_sheet_is_read_as_csv_is_where_all_cells_are_texts() {
    let script = r#"
        let rows = [#{ a: "剧", b: "x" }, #{ a: "", b: "y" }, #{ b: "z" }];
        csv::write("rows.csv", rows);
        sheet::write("rows.xlsx", rows);
        sheet::read("rows.xlsx") == csv::read("rows.csv")
    "#;
    Script::new(script).returns("true");
}

#[test]
fn dates_formulas_and_ticks_of_another_program_are_values() {
    let file = book(|sheet| {
        let date = Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\"");
        let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm");
        let length = Format::new().set_num_format("[h]:mm:ss");
        sheet.write_row(2, 1, ["day", "moment", "time", "length", "sum", "tick", "id", "none"])?;
        let day = ExcelDateTime::parse_from_str("2036-12-31")?;
        sheet.write_datetime_with_format(3, 1, &day, &date)?;
        let exact = ExcelDateTime::parse_from_str("2036-12-31T18:20:00")?;
        sheet.write_datetime_with_format(3, 2, &exact, &moment)?;
        sheet.write_datetime_with_format(3, 3, &ExcelDateTime::parse_from_str("07:30:00")?, &moment)?;
        sheet.write_number_with_format(3, 4, 1.25, &length)?;
        sheet.write_formula(3, 5, Formula::new("=G4*2").set_result("42"))?;
        sheet.write_boolean(3, 6, true)?;
        sheet.write_number(3, 7, 310_045.0)?;
        sheet.write_blank(4, 1, &date)?;
        sheet.write_string(5, 1, "forever")
    });
    let first = r#"{"day":"2036-12-31","id":310045,"length":"30:00:00","moment":"2036-12-31 18:20:00","#;
    let first = format!("{first}{}", r#""none":"","sum":42,"tick":true,"time":"07:30:00"}"#);
    let second = r#"{"day":"forever","id":"","length":"","moment":"","none":"","sum":"","tick":"","time":""}"#;
    assert_eq!(as_json(read(&file).unwrap()), format!("[{first},{second}]"));
    let parse = r#"time::format(time::parse(sheet::read("FILE")[0].moment))"#;
    beside(&file, parse).1.returns("\"2036-12-31 18:20\"");
}

#[test]
fn an_id_that_a_spreadsheet_has_cut_is_refused() {
    let file = book(|sheet| sheet.write_string(0, 0, "id")?.write_number(1, 0, 6_921_234_567_890_123_456.0));
    let (_folder, script) = beside(&file, r#"sheet::read("FILE", #{ ints: ["id"] })"#);
    let error = script.throws(Kind::File);
    assert!(error.message.contains("A2: `id` is 6"), "{error}");
    assert!(error.hint.as_ref().unwrap().contains("15 digits"), "{error:?}");
}

#[test]
fn a_cell_that_is_wrong_is_named() {
    let broken =
        book(|sheet| sheet.write_string(0, 2, "a")?.write_formula(6, 2, Formula::new("=A0").set_result("#REF!")));
    assert_eq!(refused(&broken), "C7: the value is #REF!");
    let twice = book(|sheet| sheet.write_row(0, 0, ["id", "name", "id"]));
    assert_eq!(refused(&twice), "A1 and C1 are both `id`");
    let unnamed = book(|sheet| sheet.write_row(0, 0, ["id", "", "name"])?.write_row(4, 0, ["1", "2"]));
    assert_eq!(refused(&unnamed), "B5 is \"2\", but its column has no name");
    let blank = book(|sheet| sheet.write_row(0, 0, ["id", " "]));
    assert_eq!(refused(&blank), "B1: the name of the column is blank");
    let solved = book(|sheet| sheet.write_string(0, 0, "a")?.write_formula(1, 0, "=1+1"));
    let unsolved = edited(&solved, "<f>1+1</f><v>0</v>", "<f>1+1</f><v/>");
    assert_eq!(refused(&unsolved), "A2: the formula has no value");
    let spilt = edited(&broken, "#REF!", "#SPILL!");
    assert_eq!(refused(&spilt), "the sheet Sheet1 cannot be read behind C1: Unsupported cell error value '#SPILL!'");
}

#[test]
fn a_formula_whose_value_is_an_empty_text_is_an_empty_cell() {
    let file = book(|sheet| {
        let formula = Formula::new("=IF(1,\"\",1)").set_result("nothing");
        sheet.write_row(0, 0, ["a", "b"])?.write_formula(1, 0, formula)?.write_number(1, 1, 1.0)
    });
    let file = edited(&file, "<v>nothing</v>", "<v></v>");
    assert_eq!(as_json(read(&file).unwrap()), r#"[{"a":"","b":1}]"#);
}

#[test]
fn sheets_are_found_by_name_and_by_place() {
    let mut book = Workbook::new();
    for (name, hidden) in [("目录", true), ("授权", false), ("历史", false)] {
        let sheet = book.add_worksheet().set_name(name).unwrap().set_hidden(hidden);
        sheet.write_column(0, 0, ["sheet", name]).unwrap();
    }
    book.worksheet_from_index(1).unwrap().set_active(true);
    let file = book.save_to_buffer().unwrap();
    let first = |options: &str| beside(&file, &format!(r#"sheet::read("FILE", #{{ {options} }})[0].sheet"#));
    first("").1.returns("\"授权\"");
    first("sheet: 2").1.returns("\"历史\"");
    first("sheet: \"目录\"").1.returns("\"目录\"");
    let error = first("sheet: \"授权表\"").1.throws(Kind::File);
    assert!(error.message.ends_with("it has no sheet `授权表`"), "{error}");
    assert_eq!(error.hint.as_deref(), Some("did you mean `授权`?"));
    let error = first("sheet: 3").1.throws(Kind::File);
    assert!(error.message.ends_with("it has no sheet number 3"), "{error}");
    assert_eq!(error.hint.as_deref(), Some("there are: 授权, 历史"));
    first("sheet: 0").1.throws(Kind::Argument);
    first("sheat: 1").1.throws(Kind::Argument);
    first("ints: \"sheet\"").1.throws(Kind::Argument);
    let error = first("ints: [\"shet\"]").1.throws(Kind::File);
    assert_eq!(error.hint.as_deref(), Some("did you mean `sheet`?"));
}

#[test]
fn what_is_no_xlsx_is_refused_with_the_name_of_the_file() {
    for content in ["id,name\n1,a\n", "PK\u{3}\u{4}, but no archive", "\u{0}"] {
        let error = Script::new(r#"sheet::read("media.xlsx")"#).file("media.xlsx", content).throws(Kind::File);
        assert!(error.message.ends_with("media.xlsx: it is not XLSX, or it is damaged"), "{error}");
        assert!(error.hint.is_some());
    }
    let error = Script::new(r#"sheet::read("media.xlsx")"#).throws(Kind::File);
    assert!(error.message.contains("media.xlsx: No such file"), "{error}");
}

#[test]
fn a_half_of_a_file_is_refused_and_never_read() {
    let whole = book(|sheet| sheet.write_column(0, 0, ["id", "1", "2", "3"]));
    for length in (0..whole.len()).step_by(97) {
        refused(&whole[..length]);
    }
}

#[test]
fn a_file_that_unpacks_to_too_much_or_promises_too_much_is_refused() {
    let packed = |part: &str, fill: &dyn Fn(&mut dyn Write)| {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file(part, SimpleFileOptions::default()).unwrap();
        fill(&mut archive);
        archive.finish().unwrap().into_inner()
    };
    let bomb = packed("xl/sharedStrings.xml", &|part| {
        let blanks = vec![b' '; 1 << 20];
        (0..513).for_each(|_| part.write_all(&blanks).unwrap());
    });
    assert!(bomb.len() < 2 << 20);
    assert_eq!(refused(&bomb), "it unpacks to more than 536870912 bytes");
    let promise = packed("xl/sharedStrings.xml", &|part| write!(part, "<sst uniqueCount='9000000000000'>").unwrap());
    assert_eq!(refused(&promise), "it has more than 2000000 texts");
    let sparse =
        book(|sheet| sheet.write_row(0, 0, (0..2001).map(|n| format!("c{n}")))?.write_column(1, 0, vec![1; 1000]));
    assert_eq!(refused(&sparse), "the sheet Sheet1 has more than 2000000 cells");
}

#[test]
fn what_a_sheet_cannot_hold_is_not_written_and_the_old_file_stays() {
    let script = r#"
        sheet::write("media.xlsx", [#{ id: 1 }]);
        let said = [];
        let long = ""; long.pad(32768, "剧");
        try { sheet::write("media.xlsx", [#{ id: 1 }, #{ id: long }]); } catch (error) { said.push(error.message); }
        try { sheet::write("media.xlsx", [#{ id: 1 }], ["id", "id"]); } catch (error) { said.push(error.message); }
        try { sheet::write("media.xlsx", [#{ id: 1 }], ["id", ""]); } catch (error) { said.push(error.message); }
        try { sheet::write("no/media.xlsx", [#{ id: 1 }]); } catch (error) { said.push(error.kind); }
        [sheet::read("media.xlsx").len, said.map(|it| it.split(".xlsx: ").pop())]
    "#;
    Script::new(script).returns(
        r#"[1,["A3: a cell holds 32767 characters at most","two columns are `id`","a column has no name","file"]]"#,
    );
}

#[test]
fn nothing_is_left_beside_a_file_that_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("media.xlsx").display().to_string();
    Script::new(&format!("sheet::write({path:?}, [#{{ id: 1 }}]); sheet::write({path:?}, []); sheet::read({path:?})"))
        .returns("[]");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// Any value that a cell holds as it is.
fn cell() -> impl Strategy<Value = Dynamic> {
    let whole = -999_999_999_999_999_i64..=999_999_999_999_999;
    let part = (-1e9_f64..1e9).prop_map(|number| number.trunc() + 0.5);
    let text = "[^\u{0}-\u{8}\u{b}\u{c}\u{e}-\u{1f}\u{fffe}\u{ffff}]{1,12}";
    prop_oneof![
        whole.prop_map(Dynamic::from),
        part.prop_map(Dynamic::from),
        any::<bool>().prop_map(Dynamic::from),
        text.prop_map(Dynamic::from),
        "(=|_x000D_|\\+|@|-|'|0)[A-Z0-9一-龥 ]{0,8}".prop_map(Dynamic::from),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn what_is_written_is_read_again(rows in prop::collection::vec(prop::collection::vec(cell(), 3), 0..6)) {
        let columns = ["编号", "name", "=c"].map(str::to_owned);
        let names = || columns.iter().map(|name| name.as_str().into());
        let rows: Vec<Map> = rows.into_iter().map(|cells| names().zip(cells).collect()).collect();
        let file = sheet::write(&columns, &rows, ToString::to_string).unwrap();
        let again = read(&file).unwrap();
        let rows: Array = rows.into_iter().map(Dynamic::from_map).collect();
        prop_assert_eq!(as_json(again), as_json(rows));
    }

    #[test]
    fn an_id_keeps_all_its_digits(id in any::<i64>()) {
        let record = Map::from_iter([("id".into(), Dynamic::from(id))]);
        let file = sheet::write(&["id".to_owned()], &[record], ToString::to_string).unwrap();
        let form = Form { ints: vec!["id".to_owned()], ..Form::default() };
        prop_assert_eq!(as_json(sheet::read(&file, &form).unwrap()), format!("[{{\"id\":{id}}}]"));
    }
}

#[test]
fn grants_are_given_from_a_spreadsheet() {
    let server = Arc::new(Server::start());
    let file = book(|sheet| {
        let date = Format::new().set_num_format("yyyy-mm-dd");
        sheet.write_row(0, 0, ["kind", "item", "grantee", "expires"])?;
        sheet.write_row(1, 0, ["book", "Bk7aQ2x9", "wx00000000000000a1"])?;
        sheet.write_datetime_with_format(1, 3, &ExcelDateTime::parse_from_str("2036-12-31")?, &date)?;
        sheet.write_row(2, 0, ["drama", "", "wx00000000000000a1", "forever"])?.write_number(2, 1, 310_045.0)
    });
    let folder = tempfile::tempdir().unwrap();
    let theirs = folder.path().join("theirs.xlsx");
    std::fs::write(&theirs, file).unwrap();
    let ours = folder.path().join("ours.xlsx");
    let write = r#"
        sheet::write("FILE", [
            #{ kind: "book", item: "Bk7aQ2x9", grantee: "wx00000000000000a2", expires: "2036-12-31 18:00" },
            #{ kind: "drama", item: 310046, grantee: "wx00000000000000a2", expires: "forever" }
        ], ["kind", "item", "grantee", "expires"])
    "#;
    Script::on(&server, &write.replace("FILE", &ours.display().to_string())).returns("null");
    for file in [theirs, ours] {
        let script = Script::file_of_repository(&server, "scripts/grant_from_sheet.rhai");
        let rows = script.arg("file", &file.display().to_string()).run().result.unwrap().into_array().unwrap();
        let results = rows.iter().map(|row| row.as_map_ref().unwrap()["result"].to_string());
        assert_eq!(results.collect::<Vec<_>>(), ["granted", "granted"]);
    }
}

#[test]
fn all_media_are_exported_in_the_form_that_the_file_says() {
    let server = Arc::new(Server::start());
    let folder = tempfile::tempdir().unwrap();
    let export = |file: &str| {
        let file = folder.path().join(file).display().to_string();
        let script = Script::file_of_repository(&server, "scripts/export_media.rhai").arg("file", &file);
        let outcome = script.run().result.map(|value| value.cast::<Map>()["rows"].to_string());
        (file, outcome)
    };
    let media = Script::on(&server, r#"pages::of("drama.list_media", #{}).count()"#).run().result.unwrap().to_string();
    for (name, module) in [("media.xlsx", "sheet"), ("media.CSV", "csv")] {
        let (file, rows) = export(name);
        assert_eq!(rows.unwrap(), media);
        let text = format!(
            "let rows = {module}::read({file:?}); [rows.len, rows[0].media_id.to_string(), rows[0].seconds.to_string()]"
        );
        Script::on(&server, &text).returns(&format!(r#"[{media},"910001","127"]"#));
    }
    let sent = server.operations().len();
    assert_eq!(export("media.txt").1.unwrap_err().kind, Kind::Argument);
    assert_eq!(server.operations().len(), sent, "a wrong name is refused before anything is asked");
}
