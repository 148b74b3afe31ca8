use super::*;

const PAGE: &str = r#"<!doctype html><html><head><title>A > B</title><style>form{}</style><script>"<form>"</script></head>
      <body><!-- <form action="/no"> --><p>S&#7889; <b>0912&nbsp;345&nbsp;678</b> &amp; m&ocirc;</p>
      <form class="x" method="post" action="/can-bo/vu-viec/12/tam-khoa?a=1&amp;b=2">
        <input type="hidden" name="phien_ban" value="4">
        <input type=checkbox name=ai value="police"><input type="checkbox" name="ai" value="bank" checked>
        <label>Lý do</label><textarea name="ly_do" required data-x="a > b">
</textarea>
        <select name="don_vi"><option value="">–</option><option value="pa05" selected>PA05</option></select>
        <input type="file" name="tep"><button name="di" value="tiep">Tiếp</button><button type="button" name="no">x</button>
      </form>
      <form action="/tim"><select name="s"><option>một</option><option>hai</option></select></form>
      <a href="/can-bo/vu-viec/12"><strong class="num">0969 991 234</strong></a>
      <dl><dt>Người phản ánh khác nhau</dt><dd>7</dd><dt>Khác</dt><dd>x</dd></dl></body></html>"#;

#[test]
fn a_form_is_sent_as_it_stands_with_the_answers_put_in() {
    let all = forms(PAGE);
    assert_eq!(all.len(), 2);
    let mut form = all[0].clone();
    assert_eq!(form.action, "/can-bo/vu-viec/12/tam-khoa?a=1&b=2");
    assert!(form.is_post && !form.is_multipart && form.has_button("di", "tiep"));
    form.answer("phien_ban", "999");
    form.answer("ai", "police");
    form.answer("ai", "nobody");
    form.answer_demands("vì thử");
    let pairs = form.pairs(Some(("di", "tiep")));
    let expected = [
        ("phien_ban", "4"),
        ("ai", "police"),
        ("ai", "bank"),
        ("ly_do", "vì thử"),
        ("don_vi", "pa05"),
        ("di", "tiep"),
    ];
    assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(all[1].pairs(None), [("s".to_owned(), "một".to_owned())]);
}

#[test]
fn links_facts_and_words_are_read() {
    assert!(links(PAGE).contains(&("/can-bo/vu-viec/12".to_owned(), "0969 991 234".to_owned())));
    assert_eq!(fact(PAGE, "Người phản ánh").as_deref(), Some("7"));
    assert_eq!(fact(PAGE, "Không có"), None);
    assert!(words(PAGE).contains("Số 0912 345 678 & m&ocirc;"));
}

#[test]
fn broken_pages_are_read_without_panic() {
    for end in (0..PAGE.len()).filter(|end| PAGE.is_char_boundary(*end)) {
        let part = &PAGE[..end];
        let _ = (forms(part), links(part), fact(part, "x"), words(part));
    }
    for odd in ["<", "<a", "<a =\"", "< >", "&#xFFFFFFFF;", "<a b='", "<input name=x", "<a ====>", "</"] {
        let _ = (forms(odd), links(odd), words(odd));
    }
}
