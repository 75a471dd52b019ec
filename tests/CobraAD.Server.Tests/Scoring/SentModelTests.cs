using CobraAD.Export.Graph;
using CobraAD.Runtime;
using CobraAD.Server.Scoring;

namespace CobraAD.Server.Tests.Scoring;

public sealed class SentModelTests
{
    private static readonly ProtoMessage External = new ProtoMessage().Add(8, "weights").Add(14, 1);

    /// <summary>Graphs that no export has, and what is said of them.</summary>
    public static TheoryData<string, string> Strange => new()
    {
        { "loop", "'Loop'" },
        { "foreign", "com.microsoft" },
        { "external", "other files" },
        { "hidden external", "other files" },
        { "deep", "graphs within graphs" },
        { "sparse", "sparse" },
    };

    [Fact]
    public void What_cobra_exports_is_taken()
    {
        using TemporaryFolder folder = new();
        RealModel.Write(folder.File("model.onnx"));

        SentModel.Check(folder.File("model.onnx"));
    }

    [Theory]
    [MemberData(nameof(Strange))]
    public void What_no_export_has_is_refused(string graph, string named)
    {
        using TemporaryFolder folder = new();
        Write(folder.File("model.onnx"), Graph(graph));

        Assert.Contains(named, Assert.Throws<ModelRejectedException>(() => SentModel.Check(folder.File("model.onnx"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_bytes_are_refused_and_nothing_else_happens()
    {
        using TemporaryFolder folder = new();
        RealModel.Write(folder.File("model.onnx"));
        byte[] sound = File.ReadAllBytes(folder.File("model.onnx"));
        Random random = new(1);
        for (int i = 0; i < 500; i++)
        {
            byte[] changed = [.. sound[..random.Next(1, sound.Length)]];
            for (int flips = random.Next(8); flips > 0; flips--) changed[random.Next(changed.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(folder.File("changed.onnx"), changed);

            Exception? refusal = Record.Exception(() => SentModel.Check(folder.File("changed.onnx")));

            Assert.True(refusal is null or ModelRejectedException, refusal?.ToString());
        }
    }

    private static ProtoMessage Graph(string kind) => kind switch
    {
        "loop" => new ProtoMessage().Add(1, new ProtoMessage().Add(4, "Loop")),
        "foreign" => new ProtoMessage().Add(1, new ProtoMessage().Add(4, "Add").Add(7, "com.microsoft")),
        "external" => new ProtoMessage().Add(5, External),
        "hidden external" => If(new ProtoMessage().Add(1, new ProtoMessage().Add(4, "Constant").Add(5, new ProtoMessage().Add(1, "value").Add(5, External)))),
        "deep" => If(If(If(If(If(new ProtoMessage()))))),
        _ => new ProtoMessage().Add(15, new ProtoMessage()),
    };

    private static ProtoMessage If(ProtoMessage then) =>
        new ProtoMessage().Add(1, new ProtoMessage().Add(4, "If").Add(5, new ProtoMessage().Add(1, "then_branch").Add(6, then)));

    private static void Write(string path, ProtoMessage graph)
    {
        using FileStream file = File.Create(path);
        new ProtoMessage().Add(1, 8).Add(7, graph).WriteTo(file);
    }
}
