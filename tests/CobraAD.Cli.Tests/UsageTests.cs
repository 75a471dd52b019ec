namespace CobraAD.Cli.Tests;

public sealed class UsageTests
{
    [Fact]
    public async Task No_arguments_show_the_help()
    {
        (int exitCode, string output, _) = await CommandLine.Run();

        Assert.Equal(0, exitCode);
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
        Assert.Contains("info", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--threads must be a number between 0 and 1024, found 'many'.", "info", "--threads", "many")]
    [InlineData("--threads must be a number between 0 and 1024, found '-1'.", "info", "--threads", "-1")]
    [InlineData("--seed must be a number between 0 and", "info", "--seed", "-1")]
    [InlineData("There is no command 'inf'. Did you mean 'info'?\n\nSee 'cobra --help'.", "inf")]
    [InlineData("There is no command 'trian'. Did you mean 'train'?\n\nSee 'cobra --help'.", "trian", "parts")]
    [InlineData("There is no command 'paint'.\n\nSee 'cobra --help'.", "paint")]
    [InlineData("Unrecognized option '--colour'.", "info", "--colour")]
    [InlineData("There is no command 'eval'. Did you mean 'evaluate'?", "eval", "model.cobra")]
    [InlineData("Unrecognized option '--presset'. Did you mean '--preset'?", "train", "parts", "--presset", "tiny")]
    [InlineData("Unrecognized option '--out'. Did you mean '--output'?", "train", "parts", "--out", "model.cobra")]
    [InlineData("--output: . is a folder", "train", "parts", "-o", ".")]
    [InlineData("MODEL: there is no file nowhere.onnx.", "serve", "nowhere.onnx")]
    [InlineData("MODEL: there is no file nowhere.onnx.", "watch", ".", "--model", "nowhere.onnx")]
    [InlineData("'train' needs DATA", "train")]
    [InlineData("--memory-limit: 'much' is not an amount of memory.", "train", "parts", "--memory-limit", "much")]
    [InlineData("--image-size must be a number between 8 and 4096, found '7'.", "train", "parts", "--image-size", "7")]
    [InlineData("--config: there is no file nowhere.json.", "train", "--print-config", "--config", "nowhere.json")]
    [InlineData("--preset: cobra has the presets paper, fast, tiny, parts; found 'huge'.", "train", "--print-config", "--preset", "huge")]
    [InlineData("--preset: deepsvdd has the presets default, mnist, tiny; found 'paper'.", "train", "--print-config", "--method", "deepsvdd", "--preset", "paper")]
    [InlineData("--epochs: dn2 has no such option.", "train", "--print-config", "--method", "dn2", "--epochs", "3")]
    [InlineData("'magic' not recognized", "train", "--print-config", "--method", "magic")]
    [InlineData("--resume: a training of deepsvdd keeps no checkpoints", "train", "parts", "--method", "deepsvdd", "--resume")]
    [InlineData("Argument 'half' not recognized", "train", "parts", "--precision", "half")]
    [InlineData("--epsilon: dn2 is not attacked in training here.", "train", "--print-config", "--method", "dn2", "--epsilon", "2/255")]
    [InlineData("--epsilon: ", "train", "--print-config", "--epsilon", "two")]
    [InlineData("--precision: dn2 has no such option.", "train", "--print-config", "--method", "dn2", "--precision", "bf16")]
    [InlineData("--tile: Size must be a multiple of 8 between 16 and 1024", "train", "--print-config", "--tile", "30")]
    [InlineData("--tile must be a number between 16 and 1024, found '8'.", "train", "--print-config", "--tile", "8")]
    [InlineData("--overlap must be a number between 0 and 0.75, found '0.9'.", "train", "--print-config", "--tile", "32", "--overlap", "0.9")]
    [InlineData("--overlap says how tiles are taken. Give their side too: --tile 224.", "train", "--print-config", "--overlap", "0.5")]
    [InlineData("--tile: A tile of 64 px is larger than the images, which have 32 × 32.", "train", "parts", "--image-size", "32", "--tile", "64")]
    [InlineData("--tile: A tile of 32 px is as large as the images", "train", "parts", "--image-size", "32", "--tile", "32")]
    [InlineData("--fit: 'squeeze' is no way to fit an image; expected stretch, pad or crop.", "train", "parts", "--fit", "squeeze")]
    [InlineData("--roi: '10,20,30' is no region; expected its first column, first row, width and height in pixels", "train", "parts", "--roi", "10,20,30")]
    [InlineData("--roi: '0,0,0,5' is no region", "train", "parts", "--roi", "0,0,0,5")]
    [InlineData("--roi: 'nowhere.png' is neither a region such as 100,50,800,600 nor a file with a mask.", "check", "parts", "--roi", "nowhere.png")]
    [InlineData("--window: '9,9' is no window; expected full, or two samples between 0 and 65535", "train", "parts", "--window", "9,9")]
    [InlineData("--color: 'blue' is nothing to do with colours; expected keep or grey.", "compare", "parts", "--color", "blue")]
    [InlineData("Unrecognized option '--roi'", "evaluate", "m.cobra", "parts", "--roi", "0,0,8,8")]
    [InlineData("--epsilon: 'four' is not a radius.", "evaluate", "m.cobra", "parts", "--epsilon", "four")]
    [InlineData("--epsilon: -0.5 is not a radius. Epsilon must be between 0 and 1 for linf", "evaluate", "m.cobra", "parts", "--epsilon", "-0.5")]
    [InlineData("is not a radius. Epsilon must be between 0 and 1 for linf", "evaluate", "m.cobra", "parts", "--epsilon", "0,4,256/255")]
    [InlineData("is not a radius. Epsilon must be between 0 and 1000 for l2", "evaluate", "m.cobra", "parts", "--norm", "l2", "--epsilon", "1001")]
    [InlineData("--epsilon: Epsilon must be between 0 and 1 for linf", "audit", "m.cobra", "parts", "--epsilon", "-1/255")]
    [InlineData("--epsilon: Epsilon must be between 0 and 1 for linf", "audit", "m.cobra", "parts", "--epsilon", "1.5")]
    [InlineData("An audit needs a radius above 0", "audit", "m.cobra", "parts", "--epsilon", "0")]
    [InlineData("An audit needs a radius above 0", "evaluate", "m.cobra", "parts", "--epsilon", "0", "--audit")]
    [InlineData("--budget: 'huge' is not a budget. Valid budgets: smoke, quick, standard, paper.", "audit", "m.cobra", "parts", "--budget", "huge")]
    [InlineData("--budget and --twin belong to the audit. Add --audit", "evaluate", "m.cobra", "parts", "--budget", "quick")]
    [InlineData("--save-every must be a number between 0 and 86400, found '-1'.", "evaluate", "m.cobra", "parts", "--save-every", "-1")]
    [InlineData("--norm: 'l3' is not a norm.", "evaluate", "m.cobra", "parts", "--norm", "l3")]
    [InlineData("--attack: Unknown attack 'magic'.", "evaluate", "m.cobra", "parts", "--attack", "magic")]
    [InlineData("--steps and --restarts belong to the default attacks.", "evaluate", "m.cobra", "parts", "--attack", "fgsm", "--steps", "3")]
    [InlineData("--norm linf: certificates hold under l2 only.", "certify", "m.cobra", "parts", "--norm", "linf")]
    [InlineData("--epsilon: 0 cannot be certified. A radius must be above 0", "certify", "m.cobra", "parts", "--epsilon", "0,0.1")]
    [InlineData("--sigma must be a number between 1E-06 and 10, found '0'.", "certify", "m.cobra", "parts", "--sigma", "0")]
    [InlineData("--attack-draws must be odd", "certify", "m.cobra", "parts", "--attack-draws", "64")]
    [InlineData("--device: 'gpu' is not a device; expected cpu, cuda, or cuda:N", "info", "--device", "gpu")]
    [InlineData("--device: 'cuda:-1' is not a device", "train", "parts", "--device", "cuda:-1")]
    [InlineData("--tf32: 'maybe' is neither true nor false.", "info", "--tf32", "maybe")]
    [InlineData("--tf32: 'maybe' is neither true nor false.", "score", "m.cobra", "image.png", "--tf32=maybe")]
    [InlineData("Required argument missing for option: '--tf32'.", "info", "--tf32")]
    [InlineData("--quiet is true or false, found 'very'.", "info", "--quiet=very")]
    [InlineData("--skip-unreadable is true or false, found '3'.", "train", "parts", "--skip-unreadable=3")]
    [InlineData("MODEL: there is no file m.cobra.", "score", "m.cobra", "image.png")]
    [InlineData("MODEL: there is no file m.cobra.", "info", "m.cobra")]
    [InlineData("MODEL: there is no file m.cobra.", "audit", "m.cobra", "parts")]
    [InlineData("MODEL: there is no file m.cobra.", "export", "m.cobra")]
    [InlineData("--onnx: there is no file d.onnx.", "evaluate", "--onnx", "d.onnx", "parts")]
    [InlineData("--torchscript: there is no file d.pt.", "certify", "--torchscript", "d.pt", "parts")]
    [InlineData("DATA: nowhere does not exist.", "train", "nowhere")]
    [InlineData("DATA: nowhere does not exist.", "check", "nowhere")]
    [InlineData("DATA: nowhere does not exist.", "craft", "nowhere")]
    [InlineData("DATA: nowhere does not exist.", "compare", "nowhere")]
    [InlineData("DATA: nowhere does not exist.", "pretrain", "nowhere")]
    [InlineData("--data: nowhere does not exist.", "reproduce", "table1", "--data", "nowhere")]
    [InlineData("--anomalies: nowhere does not exist.", "check", ".", "--anomalies", "nowhere")]
    [InlineData("--measure: nowhere does not exist.", "export", "m.cobra", "--measure", "nowhere")]
    [InlineData("--csv and --json exclude each other.", "score", "m.cobra", "image.png", "--csv", "--json")]
    public async Task Wrong_usage_is_explained_and_ends_with_2(string message, params string[] arguments)
    {
        (int exitCode, string output, string error) = await CommandLine.Run(arguments);

        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Contains("--help'", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_does_not_load_libtorch()
    {
        // With tracing on, the dynamic loader reports each library that the process opens.
        (int exitCode, string output, string trace) = await CommandLine.Start(new Dictionary<string, string?> { ["LD_DEBUG"] = "files" }, "--help");

        Assert.Equal(0, exitCode);
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
        Assert.Contains("libcoreclr.so", trace, StringComparison.Ordinal);
        Assert.DoesNotContain("libtorch", trace, StringComparison.OrdinalIgnoreCase);
    }
}
