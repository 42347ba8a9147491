DROP TABLE app.check_orders;
