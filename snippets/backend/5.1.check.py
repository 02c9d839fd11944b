from fastapi.testclient import TestClient

client = TestClient(app)

client.get("/teas/chai").json()            # {'tea': 'chai', 'left': 5}
client.get("/teas/chai").headers["x-shop"] # 'tea'

accepted = client.post("/orders", json={"tea": "chai", "cups": 2})
accepted.status_code    # 201
accepted.json()         # {'tea': 'chai', 'state': 'brewing'}
printed                 # ['2 x chai']

client.post("/orders", json={"tea": "mate", "cups": 1}).json()              # {'detail': 'no mate left'}
client.post("/orders", json={"tea": "chai", "cups": "many"}).status_code    # 422
