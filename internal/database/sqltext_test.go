package database

import "testing"

func TestUnnamedKeepsWhatIsNotInOrder(t *testing.T) {
	for query, want := range map[string]string{
		"SELECT 1":                                        "SELECT 1",
		"INSERT INTO t VALUES ($1,$2),($3,$4)":            "INSERT INTO t VALUES (?,?),(?,?)",
		"SELECT a FROM t WHERE a = $1 OR b = $1":          "SELECT a FROM t WHERE a = $1 OR b = $1",
		"SELECT a FROM t WHERE a = $2 AND b = $1":         "SELECT a FROM t WHERE a = $2 AND b = $1",
		"SELECT '$9', \"$8\" FROM t WHERE a = $1":         "SELECT '$9', \"$8\" FROM t WHERE a = ?",
		"SELECT 'it''s $7' FROM t WHERE a = $1 AND b=$2)": "SELECT 'it''s $7' FROM t WHERE a = ? AND b=?)",
		"SELECT a FROM t WHERE a = $12":                   "SELECT a FROM t WHERE a = $12",
		"SELECT a FROM t WHERE a LIKE '?' AND b = $1":     "SELECT a FROM t WHERE a LIKE '?' AND b = ?",
		"SELECT a FROM t WHERE a = ? AND b = $1":          "SELECT a FROM t WHERE a = ? AND b = $1",
	} {
		if got := unnamed(query); got != want {
			t.Errorf("%s\n became %s\n    want %s", query, got, want)
		}
	}
}
