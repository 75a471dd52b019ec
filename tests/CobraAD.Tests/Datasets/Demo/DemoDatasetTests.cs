using CobraAD.Datasets;
using CobraAD.Datasets.Demo;

namespace CobraAD.Tests.Datasets.Demo;

public sealed class DemoDatasetTests
{
    [Fact]
    public void The_demo_has_trousers_to_train_on_and_a_balanced_test()
    {
        using AnomalyBenchmark benchmark = DemoDataset.Open();

        Assert.Equal((500, 400, 32), (benchmark.Train.Count, benchmark.Test.Count, benchmark.Test.Width));
        Assert.Equal(200, benchmark.TestIsAnomalous.Count(anomalous => anomalous));
        Assert.Equal(
            [22, 22, 22, 22, 22, 22, 22, 23, 23, 200],
            benchmark.TestKinds.GroupBy(kind => kind).Select(kind => kind.Count()).Order());
    }

    [SkippableFact]
    [Trait("Category", "Slow")]
    public void The_demo_is_what_the_written_rule_chooses_from_the_full_data_set()
    {
        string full = Environment.GetEnvironmentVariable("COBRA_FASHION_MNIST") ?? string.Empty;
        Skip.IfNot(Directory.Exists(full), "COBRA_FASHION_MNIST does not name the folder of Fashion-MNIST's four files.");
        using AnomalyBenchmark demo = DemoDataset.Open();

        using AnomalyBenchmark chosen = DatasetLoader.Open(full, new DatasetOptions { NormalClass = "1", MaxTrain = 500, MaxTest = 400 });

        Assert.Equal(chosen.Train.Fingerprint, demo.Train.Fingerprint);
        Assert.Equal(chosen.Test.Fingerprint, demo.Test.Fingerprint);
    }
}
