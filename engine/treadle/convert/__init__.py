"""To and from other systems: Python script, Airflow DAG, pictures."""
