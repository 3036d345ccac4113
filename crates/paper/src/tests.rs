//! Documents set with the fonts of this machine and read back with other programs.

use std::io::Write as _;
use std::process::{Command, Stdio};

use deskbell_domain::paper::{Block, Cell, CheckLine, Figure, PaperDocument, PaperLanguage, Tone};

use super::*;

/// Text that would do something if it were markup.
const HOSTILE: &[&str] = &[
    "#read(\"/etc/passwd\")",
    "#sys.version",
    "#{ panic(\"boom\") }",
    "*不是粗体* _nor italic_",
    "$ x^2 $",
    "= 不是标题",
    "@label <label> `raw` ~ -- ---",
    "#import \"@preview/cetz:0.3.0\"",
    "#image(\"/document.json\")",
    "\\u{1F600} \\ // no comment /* none */",
    "\" ; json(\"x\") \"",
    "]#[",
];

/// What a program of Poppler says about a PDF.
fn poppler(program: &str, arguments: &[&str], pdf: &[u8]) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} is needed (Debian: poppler-utils): {error}"));
    let mut stdin = child.stdin.take().unwrap();
    let bytes = pdf.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&bytes));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{program}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn text_of(pdf: &[u8]) -> String {
    poppler("pdftotext", &["-layout", "-", "-"], pdf)
}

/// Without spaces and breaks, which are the layout's.
fn tight(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect()
}

fn document(blocks: Vec<Block>) -> PaperDocument {
    let (title, footer) = ("上门服务报告".to_owned(), "服务铃 Deskbell".to_owned());
    PaperDocument { title, footer, blocks, subtitle: String::new(), language: PaperLanguage::Zh, pictures: Vec::new() }
}

fn plain(text: &str) -> Block {
    Block::Text { text: text.to_owned(), tone: Tone::Plain }
}

#[test]
fn chinese_can_be_selected_and_its_font_is_in_the_file_cut_to_what_is_used() {
    let sentence = "华东支付网关在双十一期间出现间歇性 502 错误，已更换第 3 块磁盘。";
    let pdf = set(&document(vec![plain(sentence)])).unwrap();
    let text = text_of(&pdf);
    assert!(text.contains("上门服务报告") && tight(&text).contains(&tight(sentence)), "{text}");
    let fonts = poppler("pdffonts", &["-"], &pdf);
    let rows: Vec<&str> = fonts.lines().skip(2).collect();
    assert!(!rows.is_empty(), "{fonts}");
    for row in rows {
        // emb sub uni: embedded, a subset, mapped to Unicode.
        assert!(row.contains("yes yes yes"), "{fonts}");
    }
    assert!(pdf.len() < 200_000, "{} bytes: more than the few characters were embedded", pdf.len());
}

#[test]
fn what_a_person_wrote_is_printed_and_never_run() {
    let everywhere = |text: &str| {
        let cell = Cell::plain(text);
        PaperDocument {
            title: text.into(),
            subtitle: text.into(),
            footer: text.into(),
            blocks: vec![
                Block::Heading { level: 2, text: text.into(), beside: text.into() },
                plain(text),
                Block::Facts { rows: vec![(text.into(), cell.clone())] },
                Block::Table { head: vec![text.into()], widths: vec![1], rows: vec![vec![cell]] },
                Block::Quote { text: text.into(), by: text.into() },
                Block::Checklist { lines: vec![CheckLine { done: true, text: text.into(), finding: text.into() }] },
                Block::Figures { figures: vec![Figure { picture: 7, caption: text.into() }] },
                Block::Signature { drawing: Some(text.into()), name: text.into(), beneath: text.into() },
            ],
            ..document(Vec::new())
        }
    };
    for text in HOSTILE {
        let pdf = set(&everywhere(text)).unwrap();
        let found = tight(&text_of(&pdf));
        // Title, subtitle, heading and what stands beside it, text, name and value, head and cell, words and whose, line and
        // finding, caption, name and what is beneath, footer.
        let seen = found.matches(&tight(text)).count();
        assert!(seen >= 16, "{text}: {seen} times in {found}");
        assert!(!found.contains("root:x:"), "{text}");
    }
}

#[test]
fn strange_texts_are_set_too() {
    let long_word = "https://example.com/".to_owned() + &"a".repeat(600);
    let long_chinese = "很长的中文没有空格".repeat(300);
    let strange = ["", "\u{0}\u{7}\u{202e}abc", "一行\r\n两行\n\n四行", "👩‍🔧 été Ω ไทย العربية", &long_word, &long_chinese];
    let cells = strange.iter().map(|text| vec![Cell::plain(*text), Cell::toned(*text, Tone::Late)]).collect();
    let table = Block::Table { head: vec!["甲".into(), "乙".into()], widths: vec![1, 3], rows: cells };
    let pdf = set(&document(strange.iter().map(|text| plain(text)).chain([table]).collect())).unwrap();
    let text = tight(&text_of(&pdf));
    assert!(text.contains("一行两行四行") && text.contains("abc"));
    assert!(!text.contains('\u{7}') && !text.contains('\u{202e}'));
}

#[test]
fn a_table_goes_on_over_pages_with_its_head_and_the_pages_are_counted() {
    let row = |number: usize| vec![Cell::plain(format!("第{number}行")), Cell::plain("核对机柜供电与散热".repeat(4))];
    let rows: Vec<Vec<Cell>> = (1..=120).map(row).collect();
    let pdf =
        set(&document(vec![Block::Table { head: vec!["编号甲乙".into(), "说明".into()], widths: vec![1, 4], rows }])).unwrap();
    let pages: Vec<String> = text_of(&pdf).split('\u{c}').map(tight).filter(|page| !page.is_empty()).collect();
    assert!(pages.len() >= 3, "{}", pages.len());
    for (index, page) in pages.iter().enumerate() {
        assert!(page.contains("编号甲乙"), "page {index} has no head: {page}");
        assert!(page.contains(&format!("{}/{}", index + 1, pages.len())), "page {index}: {page}");
    }
    let all = pages.concat();
    assert!((1..=120).all(|number| all.contains(&format!("第{number}行"))));
}

#[test]
fn photos_are_made_small_and_what_is_none_leaves_its_name() {
    let mut png = Vec::new();
    let photo = image::RgbImage::from_fn(3_000, 2_000, |x, y| image::Rgb([(x % 256) as u8, (y % 256) as u8, 90]));
    photo.write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    let figures = ["机柜正面", "坏文件", "没有这一张"].iter().enumerate();
    let figures = figures.map(|(picture, caption)| Figure { picture, caption: (*caption).to_owned() }).collect();
    let paper = PaperDocument { pictures: vec![png, b"no picture".to_vec()], ..document(vec![Block::Figures { figures }]) };
    let pdf = set(&paper).unwrap();
    let images = poppler("pdfimages", &["-list", "-"], &pdf);
    let rows: Vec<&str> = images.lines().skip(2).collect();
    assert_eq!(rows.len(), 1, "{images}");
    assert!(rows[0].contains(" 1400 ") && rows[0].contains(" 933 ") && rows[0].contains("jpeg"), "{images}");
    let text = text_of(&pdf);
    assert!(text.contains("机柜正面") && text.contains("坏文件") && text.contains("没有这一张"), "{text}");
}

#[test]
fn a_signature_is_drawn_from_its_strokes_alone() {
    let drawn = drawing::svg("M10 10 C 20 20, 40 20, 50 10 L 60 40").unwrap();
    assert!(drawn.contains("viewBox") && drawn.matches('<').count() == 3, "{drawn}");
    for path in
        ["", "Z", "M0 0", "hello", "M0 0 L1 1\"/><image href=\"file:///etc/passwd\"/>", "M0 0 L1e308 1e308", "M0 0 L NaN 3"]
    {
        assert_eq!(drawing::svg(path), None, "{path}");
    }
    let block = |drawing: Option<&str>| Block::Signature {
        drawing: drawing.map(str::to_owned),
        name: "王工".into(),
        beneath: "2026-11-26".into(),
    };
    for drawing in [None, Some("M10 10 C 20 20, 40 20, 50 10"), Some("nonsense")] {
        let text = text_of(&set(&document(vec![block(drawing)])).unwrap());
        assert!(text.contains("王工") && text.contains("2026-11-26"), "{text}");
    }
}

#[test]
fn without_a_chinese_font_there_is_no_pdf_and_it_is_said() {
    let none = fonts::Fonts { store: typst_kit::fonts::FontStore::new() };
    let error = set_with(&none, &document(vec![plain("中文")])).unwrap_err();
    assert_eq!(error.code(), Code::FontMissing);
    assert!(error.to_string().contains("Noto Sans CJK SC"));
}
