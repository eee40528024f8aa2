"""What the demo's company counts and measures."""

from domain.metric import Metric

REVENUE = Metric("revenue", "USD", 2)
VISITS = Metric("visits", "visits", 0)
ORDERS = Metric("orders", "orders", 0)
CUSTOMERS = Metric("customers", "customers", 0)
SIGNUPS = Metric("sign-ups", "sign-ups", 0)
CHURN = Metric("churn", "percent", 2)
UPTIME = Metric("uptime", "percent", 2)
METRICS = (REVENUE, VISITS, ORDERS, CUSTOMERS, SIGNUPS, CHURN, UPTIME)
