"""The page check that all page tests lean on finds each fault it claims to find."""

import pytest

from tests.browser.gallery import ERRORS, render
from tests.page import check_page, faults_of

GOOD = render(errors=ERRORS)


def test_the_gallery_of_all_components_is_without_fault() -> None:
    page = check_page(GOOD)
    assert page.title == "今天要做 2 件事 - 果园助手"
    assert "这一项还没填" in page.text


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("office", [False, True])
def test_the_gallery_holds_for_each_reader(locale: str, big: bool, office: bool) -> None:
    html = render(locale=locale, big=big, office=office)
    check_page(html, "zh-CN" if locale == "zh_CN" else "en")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('lang="zh-CN"', 'lang="en"', "not marked as zh-CN"),
        ("<h1>今天要做 2 件事</h1>", "", "0 x <h1>"),
        ("<title>今天要做 2 件事 - 果园助手</title>", "<title></title>", "title is empty"),
        ('<meta name="description"', '<meta name="other"', "no description"),
        ('for="f-name"', 'for="f-area"', "no label for input name"),
        ('id="f-pin"', 'id="f-name"', "the id f-name stands 2 times"),
        ('href="#f-area"', 'href="#f-gone"', "missing id f-gone"),
        ('aria-describedby="area-error"', "", "the error of area is not tied"),
        ("</main>", "<script></script></main>", "<script> on the page"),
        ('<p class="small">', '<p class="small" style="color:red">', "<p style>"),
        ('<p class="small">', '<p class="small" onclick="x()">', "<p onclick>"),
        ('href="/static/orchard.css?v=1"', 'href="//cdn.example/x.css"', "leads outside"),
        ('<input type="hidden" name="csrf_token" value="x">', "", "tokens"),
        ("</section>", "", "closes nothing"),
        ("屋后坡，今天做完。", "None", "raw value on the page: None"),
    ],
)
def test_a_fault_put_into_a_good_page_is_told(old: str, new: str, told: str) -> None:
    assert old in GOOD
    assert any(told in fault for fault in faults_of(GOOD.replace(old, new, 1)))


def test_a_page_that_stops_zooming_is_told() -> None:
    stopped = GOOD.replace("initial-scale=1", "initial-scale=1,user-scalable=no")
    assert any("zooming" in fault for fault in faults_of(stopped))
