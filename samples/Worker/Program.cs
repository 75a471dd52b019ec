// A background service that scores the images of a folder and ends: dotnet run --project samples/Worker -- --Model model.onnx --Folder parts
using CobraAD.Runtime;
using Worker;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
builder.Services.AddCobra(options =>
{
    options.ModelPath = builder.Configuration["Model"] ?? throw new ArgumentException("Name the model: --Model model.onnx");
    // Several images at a time, each on one core.
    options.Detector = new RobustDetectorOptions { Threads = 1 };
});
builder.Services.AddHostedService<InspectionService>();
await builder.Build().RunAsync();
