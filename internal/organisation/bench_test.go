package organisation_test

import (
	"bytes"
	"context"
	"io"
	"testing"

	"msw/internal/database/dbtest"
	"msw/internal/organisation"
)

func BenchmarkImportPractices(b *testing.B) {
	text, err := io.ReadAll(realFile(b, realFiles[0]))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		s := service(b, dbtest.SQLite(b))
		b.StartTimer()
		if _, err := s.ImportFile(context.Background(), as("op", organisation.RoleOperator), bytes.NewReader(text), realFiles[0], organisation.ImportOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	s := service(b, dbtest.SQLite(b))
	for _, name := range realFiles[:5] {
		take(b, s, name)
	}
	for _, text := range []string{"s", "surg", "royal hosp", "ts18 1hu", ""} {
		b.Run("q="+text, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Search(context.Background(), as("op", organisation.RoleOperator), organisation.Query{Text: text, Hostable: true}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
