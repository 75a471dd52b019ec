using System.CommandLine;
using BenchmarkDotNet.Running;
using CobraAD.Benchmarks.Features;
using CobraAD.Benchmarks.Kernels;
using CobraAD.Benchmarks.Macro;
using CobraAD.Benchmarks.Parts;
using CobraAD.Benchmarks.Scores;
using CobraAD.Benchmarks.Trainings;
using CobraAD.Datasets;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Tiles;
using CobraAD.Torch;

Option<int> threads = new("--threads") { Description = "Threads of one tensor operation.", DefaultValueFactory = _ => 2, Recursive = true };
Option<int> normals = new("--normals") { Description = "Normal images of a batch.", DefaultValueFactory = _ => 16 };
Option<int> side = new("--side") { Description = "Side of the images in pixels.", DefaultValueFactory = _ => 32 };
Option<double> width = new("--width") { Description = "Width factor of the ResNet-18.", DefaultValueFactory = _ => 1 };

RootCommand root = new("Times CobraAD against what it cannot do without.") { threads, Macro(), Memory(), Bank(), Turns(), Kernels(), Scores(), Trainings(), Mirrors(), Parts(), Tiles(), HalfWeights(), DraemRate() };
return root.Parse(args).Invoke();

Command Macro()
{
    Option<int> rounds = new("--rounds") { Description = "Samples of each workload, taken in turns.", DefaultValueFactory = _ => 5 };
    Option<string[]> filter = new("--filter") { Description = "Only workloads whose name contains this; no ratios then.", AllowMultipleArgumentsPerToken = true };
    Command command = new("macro", "Training step, attack step and scoring against their bare passes and the roof.") { rounds, filter, normals, side, width };
    command.SetAction(parsed =>
    {
        Describe(parsed);
        new MacroBenchmark(Scene(parsed), parsed.GetValue(rounds), parsed.GetValue(filter) ?? [], Console.Out, Console.Error).Run();
    });
    return command;
}

Command Memory()
{
    Option<int> steps = new("--steps") { Description = "Training steps.", DefaultValueFactory = _ => 200 };
    Option<double?> limit = new("--memory-limit") { Description = "GB that a training step may take." };
    Option<int?> attackSteps = new("--attack-steps") { Description = "Steps of the training attack; the preset's 10 when absent." };
    Command command = new("memory", "Peak of the process, and its growth from step 20 to the last step of training; exit code 1 above 50 MB.") { steps, normals, side, width, limit, attackSteps };
    command.SetAction(parsed =>
    {
        Describe(parsed);
        SceneOptions scene = Scene(parsed) with { MemoryLimit = (long?)(parsed.GetValue(limit) * 1e9), AttackSteps = parsed.GetValue(attackSteps) };
        return new MemoryBenchmark(scene, parsed.GetValue(steps), Console.Out).Run() ? 0 : 1;
    });
    return command;
}

Command Bank()
{
    Option<long[]> sizes = new("--sizes") { Description = "Entries of the banks.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [10_000, 100_000, 1_000_000] };
    Option<int> rounds = new("--rounds") { Description = "Samples of each search, taken in turns.", DefaultValueFactory = _ => 7 };
    Option<DirectoryInfo?> folder = new("--mapped") { Description = "A folder to write the banks to, which are then searched in their files." };
    Command command = new("bank", "Search in banks of growing size against a plain copy.") { sizes, rounds, folder };
    command.SetAction(parsed =>
    {
        Describe(parsed);
        new BankBenchmark(parsed.GetValue(sizes)!, parsed.GetValue(rounds), parsed.GetValue(folder)?.FullName, Console.Out, Console.Error).Run();
    });
    return command;
}

Command Kernels()
{
    Option<string> filter = new("--filter") { Description = "BenchmarkDotNet's pattern.", DefaultValueFactory = _ => "*" };
    Command command = new("kernels", "Transforms, losses, optimisers, metrics, bank search and decoding, by BenchmarkDotNet.") { filter };
    command.SetAction(parsed =>
    {
        Describe(parsed);
        BenchmarkSwitcher.FromAssembly(typeof(TransformKernels).Assembly).Run(["--filter", parsed.GetValue(filter)!], KernelConfiguration.Create());
    });
    return command;
}

Command Mirrors()
{
    StudyArguments study = new(0);
    Command command = new("mirrors", "Whether mirrored good images could be good ones, class by class; no test image is looked at.");
    study.AddTo(command);
    command.SetAction(parsed =>
    {
        foreach (ScoreStudyOptions one in study.Trainings(parsed))
        {
            using AnomalyBenchmark benchmark = one.Open();
            CobraOptions training = one.Training(benchmark.Train);
            using ImageSet? tiles = training.Tiles is null ? null : TrainingTiles.Of(benchmark.Train, training);
            ImageSet images = tiles ?? benchmark.Train;
            double farther = MirrorCheck.Farther(images);
            Console.WriteLine(FormattableString.Invariant($"{images.Name}: {farther:0.000}, {(MirrorCheck.Allows(farther) ? "mirrored" : "not mirrored")}"));
        }
    });
    return command;
}

Command Scores()
{
    StudyArguments study = new(0);
    Option<string> folder = new("--out") { Description = "Folder of the figures.", DefaultValueFactory = _ => "scores" };
    Command command = new("scores", "Every score of one COBRA training, untouched and attacked, and what the choice from good images said.") { folder };
    study.AddTo(command);
    command.SetAction(parsed =>
    {
        Describe(parsed);
        foreach (ScoreStudyOptions training in study.Trainings(parsed)) new ScoreStudy(training, Console.Out).Run(parsed.GetValue(folder)!);
    });
    return command;
}

Command Trainings()
{
    StudyArguments study = new(0, 1, 2);
    Option<string[]> variants = new("--variants") { Description = "Only these ideas, and what they are compared with.", AllowMultipleArgumentsPerToken = true };
    variants.AcceptOnlyFromAmong([.. TrainingVariant.All.Select(variant => variant.Name)]);
    Option<string> folder = new("--out") { Description = "Folder of the results.", DefaultValueFactory = _ => "trainings" };
    Command command = new("trainings", "Ideas for the training, each on every class and seed, beside the preset as it is; goes on where it stopped.") { variants, folder };
    study.AddTo(command);
    command.SetAction(parsed =>
    {
        Describe(parsed);
        string[] wanted = parsed.GetValue(variants) ?? [];
        TrainingStudy trainings = new(parsed.GetValue(folder)!, Console.Out);
        trainings.Run([.. study.Trainings(parsed)], TrainingVariant.All.Where(variant => wanted.Length == 0 || variant.Name == TrainingVariant.Usual || wanted.Contains(variant.Name)));
        trainings.Report();
    });
    return command;
}

Command Parts()
{
    Argument<string> folder = new("FOLDER") { Description = "Where the data set goes." };
    Option<int> pixels = new("--pixels") { Description = "Side of the images.", DefaultValueFactory = _ => 2000 }, defect = new("--defect") { Description = "Side of a defect.", DefaultValueFactory = _ => 12 };
    Option<int> train = new("--train") { Description = "Good images to train on.", DefaultValueFactory = _ => 24 }, test = new("--test") { Description = "Good test images, and as many with a defect.", DefaultValueFactory = _ => 12 };
    Option<int> seed = new("--seed") { Description = "Of everything drawn.", DefaultValueFactory = _ => 0 };
    Command command = new("parts", "Draws large parts with small defects and their masks in MVTec's layout.") { folder, pixels, defect, train, test, seed };
    command.SetAction(parsed => new LargeParts(parsed.GetValue(pixels), parsed.GetValue(defect), parsed.GetValue(seed))
        .Write(parsed.GetValue(folder)!, parsed.GetValue(train), parsed.GetValue(test), parsed.GetValue(test)));
    return command;
}

Command Tiles()
{
    Option<int> pixels = new("--pixels") { Description = "Side of the images.", DefaultValueFactory = _ => 2000 }, tile = new("--tile") { Description = "Side of a tile.", DefaultValueFactory = _ => 224 };
    Option<double> overlap = new("--overlap") { Description = "Share of a tile that its neighbour shows too.", DefaultValueFactory = _ => 0.25 };
    Option<int> rounds = new("--rounds") { Description = "Images that are timed.", DefaultValueFactory = _ => 7 };
    Command command = new("tiles", "Seconds for one large image in tiles, exported, with the network of the preset fast.") { pixels, tile, overlap, rounds };
    command.SetAction(parsed =>
    {
        Describe(parsed);
        TileSpeed.Run(parsed.GetValue(pixels), parsed.GetValue(tile), parsed.GetValue(overlap), parsed.GetValue(rounds), Console.Out);
    });
    return command;
}

Command HalfWeights()
{
    Argument<string> data = new("DATA") { Description = "The data set's folder." };
    Option<string[]> methods = new("--methods") { Description = "Methods that use the ImageNet weights.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["dn2", "patchcore"] };
    Command command = new("half-weights", "What would change if the ImageNet package held float16.") { data, methods };
    command.SetAction(parsed =>
    {
        Describe(parsed);
        new HalfWeights(parsed.GetValue(data)!, Console.Out).Run(parsed.GetValue(methods)!);
    });
    return command;
}

Command DraemRate()
{
    Argument<string[]> data = new("DATA") { Description = "Folders of data sets, whose good images are used." };
    Option<string?> normalClass = new("--normal-class") { Description = "The class that is normal." };
    Option<int?> size = new("--image-size") { Description = "Side of the images in pixels." }, train = new("--max-train") { Description = "Most images." };
    Option<double[]> rates = new("--rates") { Description = "Learning rates.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2] };
    Command command = new("draem-rate", "DRAEM's tiny preset at several learning rates, judged by held-out good images.") { data, normalClass, size, train, rates };
    command.SetAction(parsed =>
    {
        Describe(parsed);
        global::CobraAD.Benchmarks.Features.DraemRate.Head(Console.Out);
        foreach (string one in parsed.GetValue(data)!)
        {
            using AnomalyBenchmark benchmark = DatasetLoader.Open(one, new DatasetOptions { NormalClass = parsed.GetValue(normalClass), ImageSize = parsed.GetValue(size), MaxTrain = parsed.GetValue(train) });
            new DraemRate(benchmark.Train, benchmark.Name, Console.Out).Run(parsed.GetValue(rates)!);
        }
    });
    return command;
}

Command Turns()
{
    Command command = new("turns", "Reads names of workloads, one a line, and answers with processor and wall seconds.") { normals, side, width };
    command.SetAction(parsed =>
    {
        Describe(parsed);
        new TurnsOnRequest(Scene(parsed), Console.In, Console.Out).Run();
    });
    return command;
}

SceneOptions Scene(ParseResult parsed) => new() { Normals = parsed.GetValue(normals), Side = parsed.GetValue(side), Width = parsed.GetValue(width) };

void Describe(ParseResult parsed)
{
    TorchRuntimeInfo runtime = TorchRuntime.Initialize(new TorchRuntimeOptions { Threads = parsed.GetValue(threads) });
    string processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";
    Console.WriteLine($"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC; {processor}, {Environment.ProcessorCount} cores; {parsed.GetValue(threads)} threads; libtorch {runtime.Version}; load {File.ReadAllText("/proc/loadavg").Trim()}");
    Console.WriteLine(string.Join(' ', Environment.GetCommandLineArgs()[1..]));
}
