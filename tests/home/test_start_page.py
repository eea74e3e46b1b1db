def test_start_page_opens_for_everybody(client):
    assert client.get("/").status_code == 200


def test_start_page_opens_for_a_member(npo_client):
    assert npo_client.get("/").status_code == 200


def test_an_unknown_address_is_a_page_of_its_own(client):
    assert client.get("/nowhere").status_code == 404
