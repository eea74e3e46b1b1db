import pytest

from tests.support.pages import main_text


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/accessibility", "JIS X 8341-3:2016 適合レベルAA"),
        ("/accessibility", "WCAG 2.2 レベルAA"),
        ("/accessibility", "正式な試験は、まだ行っていません"),
        ("/privacy", "個人情報の保護に関する法律"),
        ("/privacy", "操作の記録には、名前や連絡先を書きません"),
        ("/privacy", "自動で消す仕組みは、まだありません"),
        ("/about", "@digital-go-jp/design-tokens 1.1.9"),
        ("/about", "施策214"),
    ],
)
def test_statement_says_what_it_must(client, address, said):
    assert said in main_text(client.get(address).get_data(as_text=True))


@pytest.mark.parametrize("address", ["/accessibility", "/privacy", "/about"])
def test_statement_opens_for_members_and_staff_too(npo_client, office_client, address):
    assert npo_client.get(address).status_code == 200
    assert office_client.get(address).status_code == 200
