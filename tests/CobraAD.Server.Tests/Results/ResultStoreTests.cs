using System.Data.Common;
using CobraAD.Server.Results;
using Microsoft.Extensions.Logging.Abstractions;

namespace CobraAD.Server.Tests.Results;

public sealed class ResultStoreTests
{
    private static readonly string? Postgres = Environment.GetEnvironmentVariable("COBRA_TEST_POSTGRES");

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_added_is_found_again_in_every_detail(bool postgres)
    {
        using TemporaryFolder folder = new();
        await using SqlResultStore store = await OpenAsync(folder, postgres);
        PartResult part = Part("Grüße ’; DROP TABLE cobra_result; --", 0.123456789012345678, isAnomalous: true) with { RobustMargin = 0.75 };

        PartResult added = await store.AddAsync(part, new StoredImages([1, 2, 3], null));

        Assert.Equal(added, await store.FindAsync(added.Id, default));
        Assert.Equal(part with { Id = added.Id }, added);
        StoredImages? images = await store.ImagesAsync(added.Id, default);
        Assert.Equal([1, 2, 3], images!.Thumbnail!);
        Assert.Null(images.Original);
        Assert.Null(await store.FindAsync(added.Id + 1, default));
        Assert.Null(await store.ImagesAsync(added.Id + 1, default));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pages_follow_each_other_without_gap_or_overlap(bool postgres)
    {
        using TemporaryFolder folder = new();
        await using SqlResultStore store = await OpenAsync(folder, postgres);
        PartResult[] added = await Task.WhenAll(Enumerable.Range(0, 25).Select(i => store.AddAsync(Part($"part{i}", i, i % 5 == 0), new StoredImages(null, null))));

        List<PartResult> read = [];
        long? before = added.Max(part => part.Id) + 1;
        while (await store.ListAsync(new ResultQuery(10, Before: before), default) is { Count: > 0 } page)
        {
            read.AddRange(page);
            before = page[^1].Id;
        }

        long[] mine = [.. added.Select(part => part.Id)];
        Assert.Equal(mine.OrderDescending(), read.Select(part => part.Id).Where(mine.Contains));
        Assert.Equal(5, (await store.ListAsync(new ResultQuery(100, After: mine.Min() - 1, Anomalous: true), default)).Count);
        Assert.Empty(await store.ListAsync(new ResultQuery(100, Model: "another"), default));
    }

    [Fact]
    public async Task The_oldest_results_go_first_and_their_numbers_are_not_given_again()
    {
        using TemporaryFolder folder = new();
        await using (SqlResultStore store = await OpenAsync(folder, postgres: false, limit: 10))
        {
            for (int i = 0; i < 30; i++) await store.AddAsync(Part("part", i), new StoredImages([9], [9]));
        }

        await using SqlResultStore again = await OpenAsync(folder, postgres: false, limit: 10);
        PartResult next = await again.AddAsync(Part("part", 31), new StoredImages(null, null));
        IReadOnlyList<PartResult> kept = [];
        // Pruning follows the commit that it hangs on.
        await Eventually.HoldsAsync(async () => (kept = await again.ListAsync(new ResultQuery(100), default)).Count <= 10);

        Assert.Equal(31, next.Id);
        Assert.Equal(Enumerable.Range(22, 10).Reverse().Select(id => (long)id), kept.Select(part => part.Id));
        Assert.Null(await again.ImagesAsync(5, default));
    }

    [Fact]
    public async Task A_database_that_fails_says_so_and_recovers()
    {
        using TemporaryFolder folder = new();
        await using SqlResultStore store = await OpenAsync(folder, postgres: false);
        await ExecuteAsync(folder, "ALTER TABLE cobra_result RENAME TO away");

        await Assert.ThrowsAsync<ResultStoreException>(() => store.AddAsync(Part("lost", 1), new StoredImages(null, null)));
        await ExecuteAsync(folder, "ALTER TABLE away RENAME TO cobra_result");

        Assert.True((await store.AddAsync(Part("kept", 1), new StoredImages(null, null))).Id > 0);
    }

    [Fact]
    public async Task A_result_that_cannot_be_stored_stops_no_other()
    {
        using TemporaryFolder folder = new();
        await using SqlResultStore store = await OpenAsync(folder, postgres: false);

        Task<PartResult>[] adding = [.. ((double[])[1, double.NaN, 2]).Select(score => store.AddAsync(Part("part", score), new StoredImages(null, null)))];

        await Assert.ThrowsAsync<ResultStoreException>(() => adding[1]);
        Assert.Equal((1, 2), ((await adding[0]).Score, (await adding[2]).Score));
        Assert.True((await store.AddAsync(Part("later", 3), new StoredImages(null, null))).Id > 0);
    }

    [Fact]
    public async Task What_an_earlier_version_stored_as_infinite_can_be_read()
    {
        using TemporaryFolder folder = new();
        await using SqlResultStore store = await OpenAsync(folder, postgres: false);
        await store.AddAsync(Part("part", 1), new StoredImages(null, null));

        await ExecuteAsync(folder, "UPDATE cobra_result SET score = 9e999");

        Assert.Equal(double.MaxValue, Assert.Single(await store.ListAsync(new ResultQuery(10), default)).Score);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_part_that_is_sent_again_under_its_key_is_stored_once(bool postgres)
    {
        using TemporaryFolder folder = new();
        await using SqlResultStore store = await OpenAsync(folder, postgres);
        string key = Guid.NewGuid().ToString("N");

        PartResult first = await store.AddAsync(Part("part", 1), new StoredImages([1], null), key);
        PartResult second = await store.AddAsync(Part("part", 2), new StoredImages([2], null), key);
        PartResult other = await store.AddAsync(Part("part", 2), new StoredImages(null, null), null);

        Assert.Equal(first, second);
        Assert.NotEqual(first.Id, other.Id);
    }

    [Fact]
    public async Task A_database_of_the_first_version_gets_what_it_lacks()
    {
        using TemporaryFolder folder = new();
        await using (SqlResultStore store = await OpenAsync(folder, postgres: false)) await store.AddAsync(Part("old", 1), new StoredImages(null, null));
        await ExecuteAsync(folder, "DROP INDEX cobra_result_part_key");
        await ExecuteAsync(folder, "ALTER TABLE cobra_result DROP COLUMN part_key");

        await using SqlResultStore again = await OpenAsync(folder, postgres: false);
        await again.AddAsync(Part("new", 2), new StoredImages(null, null), "key");

        Assert.Equal(["new", "old"], (await again.ListAsync(new ResultQuery(10), default)).Select(part => part.Name));
    }

    private static async Task<SqlResultStore> OpenAsync(TemporaryFolder folder, bool postgres, long limit = 0)
    {
        Skip.If(postgres && Postgres is null, "COBRA_TEST_POSTGRES names no PostgreSQL database.");
        (DbDataSource source, SqlDialect dialect) = SqlDialect.Open(postgres ? Postgres! : folder.File("results.db"));
        SqlResultStore store = new(source, dialect, limit, NullLogger<SqlResultStore>.Instance);
        await store.PrepareAsync(default);
        return store;
    }

    private static async Task ExecuteAsync(TemporaryFolder folder, string sql)
    {
        (DbDataSource source, _) = SqlDialect.Open(folder.File("results.db"));
        await using DbCommand command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
        await source.DisposeAsync();
    }

    private static PartResult Part(string name, double score, bool isAnomalous = false) => new()
    {
        ScoredAt = DateTimeOffset.FromUnixTimeMilliseconds(1_780_000_000_123),
        Name = name,
        Source = "api",
        Score = score,
        Calibrated = 0.25,
        Threshold = 0.5,
        IsAnomalous = isAnomalous,
        NearestIndex = 41,
        Width = 640,
        Height = 480,
        ElapsedMilliseconds = 3.5,
        Model = "abc",
    };
}
